// Conveniences of the pages. Every page works without them; what needs them is hidden until they are here.
'use strict';

const language = document.documentElement.lang;

for (const element of document.querySelectorAll('[data-reveal], [data-print], [data-script]')) {
    element.hidden = false;
}

for (const button of document.querySelectorAll('[data-reveal]')) {
    const field = document.getElementById(button.dataset.reveal);
    const show = button.textContent;
    button.addEventListener('click', () => {
        const hides = field.type === 'text';
        field.type = hides ? 'password' : 'text';
        button.textContent = hides ? show : button.dataset.hide;
        field.focus();
    });
    // A browser would remember what was typed into a text field.
    field.form.addEventListener('submit', () => {
        field.type = 'password';
    });
}

if (navigator.clipboard) {
    const status = document.createElement('p');
    status.className = 'visually-hidden';
    status.setAttribute('role', 'status');
    document.body.append(status);
    for (const button of document.querySelectorAll('[data-copy]')) {
        const label = button.textContent;
        button.hidden = false;
        button.addEventListener('click', async () => {
            const source = document.getElementById(button.dataset.copy);
            const lines = Array.from(source.querySelectorAll('code'), (line) => line.textContent);
            try {
                await navigator.clipboard.writeText(lines.length ? lines.join('\n') : source.textContent);
            } catch {
                return;
            }
            button.textContent = button.dataset.done;
            status.textContent = button.dataset.done;
            setTimeout(() => {
                button.textContent = label;
                status.textContent = '';
            }, 2500);
        });
    }
}

for (const button of document.querySelectorAll('[data-print]')) {
    button.addEventListener('click', () => window.print());
}

for (const field of document.querySelectorAll('[data-digits]')) {
    const wanted = Number(field.dataset.digits);
    let before = '';
    field.addEventListener('input', () => {
        const digits = field.value.replace(/\D/g, '');
        // Once for a code: who corrects a digit of a whole one presses the button.
        if (digits.length === wanted && before.length !== wanted) {
            field.form.requestSubmit();
        }
        before = digits;
    });
}

// A form that is under way is not sent twice, since a code is good once.
for (const form of document.querySelectorAll('form')) {
    form.addEventListener('submit', (event) => {
        if (form.dataset.sent) {
            event.preventDefault();
        }
        form.dataset.sent = 'yes';
    });
}
window.addEventListener('pageshow', () => {
    for (const form of document.forms) {
        delete form.dataset.sent;
    }
});

// After the listeners above, so that it is sent once.
for (const button of document.querySelectorAll('[data-send]')) {
    button.form.requestSubmit(button);
}

for (const time of document.querySelectorAll('time[datetime]')) {
    const date = new Date(time.dateTime);
    if (!Number.isNaN(date.getTime())) {
        time.title = time.textContent;
        const clock = 'day' in time.dataset ? {} : { timeStyle: 'short' };
        time.textContent = date.toLocaleString(language, { dateStyle: 'medium', ...clock });
    }
}
