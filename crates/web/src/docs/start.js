// Addresses are relative, so that the page works behind a proxy that puts it under a path of its own.
SwaggerUIBundle({
    dom_id: '#ui',
    url: 'openapi.json',
    deepLinking: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    // Tokens are not written to the browser's storage: they would outlive the page.
    persistAuthorization: false,
    // The default asks a server on the internet.
    validatorUrl: null,
});
