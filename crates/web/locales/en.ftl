# The pages in English. Every other language is measured against this one.

account-label = Account:
account-other = Not you?
cancel = Cancel
copy = Copy
copied = Copied
download = Download
print = Print
brand-image = Logo
back-to-login = Back to sign-in
nav-label = Account
logout-link = Sign out
footer-protected = Sign-in protected by Countersign
footer-never-share = Never share your password or your codes with anyone.
added-on = Added
last-used-on = last used

## Signing in

login-title = Sign in
login-application = to continue to { $application }
login-submit = Sign in
username-label = User name or email
password-label = Password
password-show = Show
password-hide = Hide
forgot-link = Forgot your password?

factor-title = Confirm it’s you
factor-reset-lead = One more step before you can set a new password.
factor-change-lead = This change needs a fresh confirmation.
factor-totp-text = Open your authenticator app and enter the { $digits }‑digit code it shows for this account.
factor-hotp-text = Press the button on your token and enter the code it shows.
factor-secret-key-text = Enter the secret key you received when the account was created. It starts with “csk_”.
factor-recovery-code-text = Enter one of the recovery codes you saved. Each code works once.
factor-sent = We have sent you a code. It may take a minute to arrive.
factor-sent-to = We have sent a code to { $address }. It may take a minute to arrive.
factor-send = Send me a code
factor-send-again = Send the code again
factor-submit = Continue
code-totp-label = Code
code-hotp-label = Code from your token
code-secret-key-label = Secret key
code-recovery-code-label = Recovery code
code-sent-when-complete = Continues by itself once the code is complete.
choices-title = Can’t use this right now?
choice-totp = Use your authenticator app
choice-hotp = Use a code from your token
choice-secret-key = Use your secret key
choice-recovery-code = Use a recovery code

enrol-title = Secure your account
enrol-lead = Your account needs an authenticator app before you can go on.
enrol-application = To continue to { $application }, your account needs an authenticator app.
enrol-submit = Finish and continue

setup-scan-title = Scan the QR code
setup-scan-text = Use an authenticator app on your phone, for example Google Authenticator, Aegis or 1Password.
setup-qr-alt = QR code for your authenticator app. If you can’t scan it, open “Can’t scan the code?” below.
setup-open-app = Open authenticator app
setup-manual = Can’t scan the code?
setup-manual-text = Choose “Enter a setup key” in the app and type this key. Capital letters and spaces don’t matter.
setup-confirm-title = Enter the code
setup-confirm-text = The app now shows a { $digits }‑digit code. Enter it to confirm that everything works.

consent-title = Allow { $application } to access your account?
consent-site = Website of the application
consent-scopes = It would be able to
consent-destination = Your answer takes you back to { $destination }.
consent-revocable = You can withdraw access at any time in your account settings.
consent-allow = Allow
consent-deny = Don’t allow
scope-openid = recognise you as the same person each time
scope-profile = see your name and your user name
scope-email = see your email address
scope-phone = see your phone number
scope-address = see your postal address
scope-offline-access = keep this access while you are not signed in
scope-account = view and change your account settings
scope-admin = administer this service on your behalf
scope-other = use this permission:

## Settings

settings-title = Account settings
settings-sign-in = Sign-in and security
settings-password-text = Use a password you don’t use anywhere else.
settings-two-factor-on = { $count ->
    [one] One authenticator is set up.
   *[other] { $count } authenticators are set up.
}
settings-two-factor-off = Add an authenticator app: its codes are safer than a secret key.
settings-two-factor-link = Manage
sessions-title = Where you are signed in
sessions-text = End every session you don’t recognise, and change your password.
session-this = This session
session-began = Signed in
session-end = End session
sessions-end-others = End all other sessions
applications-title = Connected applications
applications-text = These applications have access to your account.
applications-none = You have not given any application access to your account.
application-since = Access since
application-scopes = What it can do
application-remove = Remove access

two-factor-title = Two-factor authentication
two-factor-lead = When you sign in, we ask for a code as well as your password. A stolen password alone is then of no use to anyone.
two-factor-authenticators = Authenticators
two-factor-on = On
two-factor-off = No app
two-factor-off-text = You sign in with your password and a secret key. An authenticator app on your phone is safer: each of its codes works once.
two-factor-enable = Turn on
two-factor-add = Add an authenticator
two-factor-disable = Turn off
add-title = Add an authenticator
add-submit = Continue
authenticator-name-label = Name
authenticator-name-hint = So that you can tell your authenticators apart, for example “Work phone”.
authenticator-totp = Authenticator app
authenticator-hotp = Token
recovery-title = Recovery codes
recovery-none = You don’t have any recovery codes yet.
recovery-left = { $left ->
    [0] You have no unused codes left.
    [one] You have one unused code left.
   *[other] You have { $left } unused codes left.
}
recovery-explained = They let you sign in if you lose your phone.
recovery-new = Create new codes
secret-key-text = You received it when the account was created. It takes the place of a code where no authenticator is required.

enable-title = Turn on two‑factor authentication
enable-lead = It takes about a minute. Nothing changes until you confirm the code.
enable-submit = Turn on
disable-title = Turn off two‑factor authentication?
disable-lead = From then on, you sign in with your password and your secret key. Your recovery codes stop working.
disable-text = Confirm with your second factor that it’s really you.
disable-submit = Turn off
disable-keep = Keep it on

recovery-new-title = Create new recovery codes?
recovery-new-lead = { $left ->
    [0] You get ten new codes.
    [one] You get ten new codes. Your one unused code stops working.
   *[other] You get ten new codes. Your { $left } unused codes stop working.
}
recovery-new-text = Confirm with your second factor that it’s really you.
recovery-new-submit = Create codes
recovery-shown-title = Save your recovery codes
recovery-shown-lead = If you lose your phone, one of these codes gets you back in. Each works once.
recovery-shown-once = You see these codes only now. Keep them somewhere safe, but not on your phone alone.
recovery-shown-done = I have saved them

## Passwords

current-password-label = Current password
new-password-label = New password
new-password-hint = At least { $minimum } characters. A few random words make a good password.
repeat-password-label = Repeat new password
change-password-title = Change your password
change-password-lead = All your other sessions will be ended.
change-password-link = Change
change-password-submit = Change password
forgot-title = Forgot your password?
forgot-lead = Tell us who you are. The people who run this service will see your request and can give you a link to set a new password.
forgot-submit = Ask for help
forgot-sent-title = Your request has been noted
forgot-sent-text = If there is an account with these details, the people who run this service can now see that you need help. They give you a link to set a new password; it works once, and not for long.
forgot-sent-nothing = No message is sent by itself. If you are in a hurry, get in touch with them.
reset-title = Set a new password
reset-lead = All your sessions will be ended. Then you sign in with the new password.
reset-submit = Save password

## Devices

device-title = Connect a device
device-lead = Enter the code shown on your device.
device-code-label = Code on the device
device-submit = Continue
device-approval-title = Sign in to { $application } on your device?
device-compare = Your device must show this code
device-address = The request came from { $address }.
device-warning = Only allow this if you started it yourself. If somebody sent you this code, choose “Don’t allow”.
device-allowed-title = Your device is connected
device-allowed-text = { $application } goes on by itself in a moment. You can close this page.
device-denied-title = Nothing was connected
device-denied-text = { $application } gets no access to your account. You can close this page.

## Signing out

logout-title = Sign out?
logout-lead = You are about to end this session.
logout-application = { $application } asks to sign you out.
logout-text = You will also be signed out of the applications you opened with this session.
logout-submit = Sign out
logout-stay = Stay signed in
logged-out-title = You are signed out
logged-out-text = On a shared computer, close the browser as well.
logged-out-application = Back to { $application }
logged-out-login = Sign in again

## What a page has to say

notice-sign-in-refused = That didn’t work. Check your user name and your password, and try again.
notice-factor-refused = That code was not accepted. It may be wrong, expired or already used. Wait for the next one and try again.
notice-too-many-attempts = { $minutes ->
    [one] Too many attempts. Please try again in a minute.
   *[other] Too many attempts. Please try again in { $minutes } minutes.
}
notice-sign-in-expired = Signing in took too long. Please start again.
notice-form-expired = This page was open for too long. Please try again.
notice-sign-in-again = Please sign in again to confirm that it’s you.
notice-better-factor-needed = The application asks for a stronger confirmation than the one you used.
notice-enrolment-needed = Your account must have a second factor.
notice-fresh-proof-needed = Please confirm that it’s you before you make this change.
notice-code-sent = The code is on its way.
notice-code-sent-recently = We have just sent you a code. Please wait a little before you ask for another.
notice-code-not-sent = The code could not be sent. Please try again, or use another way.
notice-password-changed = Your password has been changed, and your other sessions have been ended.
notice-two-factor-enabled = Two-factor authentication is on.
notice-two-factor-disabled = Two-factor authentication is off.
notice-recovery-codes-replaced = Your new recovery codes are ready. The old ones no longer work.
notice-few-recovery-codes = { $left ->
    [0] You have used your last recovery code. Create new ones.
    [one] You have only one recovery code left. Create new ones soon.
   *[other] You have only { $left } recovery codes left. Create new ones soon.
}
notice-session-ended = The session has been ended.
notice-other-sessions-ended = All other sessions have been ended.
notice-application-removed = The application no longer has access to your account.
notice-device-code-refused = We don’t know this code, or it has expired. Check it, or ask your device for a new one.
notice-link-expired = This link is no longer valid. Please ask for a new one.
notice-no-more-authenticators = No further authenticator can be added to this account.
notice-not-done = That could not be done, and nothing was changed. Please try again.

error-missing = Please fill in this field.
error-malformed = This doesn’t look right. Please check what you typed.
error-wrong-code = This code was not accepted. Check it, or wait for the next one.
error-wrong-password = This is not your current password.
error-name-taken = Another of your authenticators has this name.
error-passwords-differ = The two passwords are not the same.
error-password-unchanged = Choose a password that differs from the current one.
error-password-too-short = Use at least { $minimum } characters.
error-password-too-long = Use no more than { $maximum } characters.
error-password-common = This is one of the passwords that attackers try first. Choose another.
error-password-contains-username = The password must not contain your user name.

fault-unknown-application-title = Unknown application
fault-unknown-application-text = The application that sent you here is not registered with us. Go back and tell its operator.
fault-unregistered-redirect-title = This application may not do that
fault-unregistered-redirect-text = The application asks to send you to an address that is not registered for it. To protect you, we stop here.
fault-bad-request-title = Something is missing
fault-bad-request-text = The application’s request is incomplete or wrong. Go back and try again.
fault-form-expired-title = This page has expired
fault-form-expired-text = It was open for too long, or does not belong to this browser. Go back and try again. Cookies must be allowed.
fault-link-expired-title = This link is no longer valid
fault-link-expired-text = It was used already, or is too old. Please ask for a new one.
fault-last-factor-title = Two-factor authentication must stay on
fault-last-factor-text = Your account needs a second factor, and without your authenticators nothing would be left to sign in with. To replace one, add the new one first.
fault-forbidden-title = Not allowed
fault-forbidden-text = Your account may not do this. If you think it should, ask the operator of this service.
fault-not-found-title = Page not found
fault-not-found-text = There is nothing at this address.
fault-too-many-requests-title = Too many attempts
fault-too-many-requests-text = Please wait a few minutes and try again.
fault-internal-title = Something went wrong
fault-internal-text = The fault is ours, and it has been recorded. Please try again in a moment.
fault-unavailable-title = Not available at the moment
fault-unavailable-text = We’ll be back shortly. Please try again in a moment.
fault-detail = For the application’s developers
fault-request = Request number
fault-back = Go on
