// The examples hold placeholders for secrets that only an answer can give. This page remembers the latest ones, for as long
// as it is open, and puts them in, so that every example works as it stands.
const placeholders = {
    csk_from_the_answer_of_registering: null,
    cas_from_the_answer_of_the_first_call: null,
    '00000000-0000-4000-8000-00000000a07e': null,
};

function remember(response) {
    const answer = response.obj || response.body;
    if (answer && typeof answer.secret_key === 'string') {
        placeholders.csk_from_the_answer_of_registering = answer.secret_key;
    }
    if (answer && typeof answer.auth_session === 'string') {
        placeholders.cas_from_the_answer_of_the_first_call = answer.auth_session;
    }
    if (answer && typeof answer.otpauth_uri === 'string') {
        placeholders['00000000-0000-4000-8000-00000000a07e'] = answer.id;
    }
    return response;
}

function fillIn(request) {
    if (typeof request.body === 'string') {
        for (const [placeholder, secret] of Object.entries(placeholders)) {
            if (secret !== null) {
                request.body = request.body.replaceAll(placeholder, secret);
            }
        }
    }
    return request;
}

// Addresses are relative, so that the page works behind a proxy that puts it under a path of its own.
SwaggerUIBundle({
    dom_id: '#ui',
    url: 'openapi.json',
    deepLinking: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    requestInterceptor: fillIn,
    responseInterceptor: remember,
    // Tokens are not written to the browser's storage: they would outlive the page.
    persistAuthorization: false,
    // The default asks a server on the internet.
    validatorUrl: null,
});
