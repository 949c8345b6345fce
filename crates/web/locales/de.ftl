# Die Seiten auf Deutsch.

account-label = Konto:
account-other = Nicht Sie?
cancel = Abbrechen
copy = Kopieren
copied = Kopiert
download = Herunterladen
print = Drucken
brand-image = Logo
back-to-login = Zurück zur Anmeldung
nav-label = Konto
logout-link = Abmelden
footer-protected = Anmeldung geschützt durch Countersign
footer-never-share = Geben Sie Ihr Passwort und Ihre Codes niemals weiter.
added-on = Hinzugefügt am
last-used-on = zuletzt verwendet

## Anmelden

login-title = Anmelden
login-application = und weiter zu { $application }
login-submit = Anmelden
username-label = Benutzername oder E-Mail-Adresse
password-label = Passwort
password-show = Anzeigen
password-hide = Verbergen
forgot-link = Passwort vergessen?

factor-title = Bestätigen Sie, dass Sie es sind
factor-reset-lead = Nur noch ein Schritt, dann können Sie ein neues Passwort festlegen.
factor-change-lead = Für diese Änderung brauchen wir eine neue Bestätigung.
factor-totp-text = Öffnen Sie Ihre Authenticator-App und geben Sie den { $digits }-stelligen Code für dieses Konto ein.
factor-hotp-text = Drücken Sie die Taste an Ihrem Token und geben Sie den angezeigten Code ein.
factor-secret-key-text = Geben Sie den geheimen Schlüssel ein, den Sie beim Anlegen des Kontos erhalten haben. Er beginnt mit „csk_“.
factor-recovery-code-text = Geben Sie einen Ihrer gespeicherten Wiederherstellungscodes ein. Jeder Code gilt einmal.
factor-sent = Wir haben Ihnen einen Code geschickt. Es kann eine Minute dauern, bis er ankommt.
factor-sent-to = Wir haben einen Code an { $address } geschickt. Es kann eine Minute dauern, bis er ankommt.
factor-send = Code zusenden
factor-send-again = Code erneut senden
factor-submit = Weiter
code-totp-label = Code
code-hotp-label = Code von Ihrem Token
code-secret-key-label = Geheimer Schlüssel
code-recovery-code-label = Wiederherstellungscode
code-sent-when-complete = Sobald der Code vollständig ist, geht es von selbst weiter.
choices-title = Geht das gerade nicht?
choice-totp = Authenticator-App verwenden
choice-hotp = Code vom Token verwenden
choice-secret-key = Geheimen Schlüssel verwenden
choice-recovery-code = Wiederherstellungscode verwenden

enrol-title = Schützen Sie Ihr Konto
enrol-lead = Bevor es weitergeht, braucht Ihr Konto eine Authenticator-App.
enrol-application = Um { $application } zu nutzen, braucht Ihr Konto eine Authenticator-App.
enrol-submit = Abschließen und weiter

setup-scan-title = QR-Code scannen
setup-scan-text = Nehmen Sie dafür eine Authenticator-App auf Ihrem Telefon, zum Beispiel Google Authenticator, Aegis oder 1Password.
setup-qr-alt = QR-Code für Ihre Authenticator-App. Wenn Sie ihn nicht scannen können, öffnen Sie darunter „Code lässt sich nicht scannen?“.
setup-open-app = Authenticator-App öffnen
setup-manual = Code lässt sich nicht scannen?
setup-manual-text = Wählen Sie in der App „Schlüssel eingeben“ und tippen Sie diesen Schlüssel ab. Großschreibung und Leerzeichen spielen keine Rolle.
setup-confirm-title = Code eingeben
setup-confirm-text = Die App zeigt jetzt einen { $digits }-stelligen Code. Geben Sie ihn ein, damit wir wissen, dass alles funktioniert.

consent-title = Darf { $application } auf Ihr Konto zugreifen?
consent-site = Website der Anwendung
consent-scopes = Die Anwendung könnte dann
consent-destination = Nach Ihrer Antwort geht es zurück zu { $destination }.
consent-revocable = Sie können den Zugriff jederzeit in den Kontoeinstellungen widerrufen.
consent-allow = Erlauben
consent-deny = Nicht erlauben
scope-openid = Sie jedes Mal als dieselbe Person wiedererkennen
scope-profile = Ihren Namen und Ihren Benutzernamen sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-phone = Ihre Telefonnummer sehen
scope-address = Ihre Postanschrift sehen
scope-offline-access = diesen Zugriff behalten, auch wenn Sie nicht angemeldet sind
scope-account = Ihre Kontoeinstellungen ansehen und ändern
scope-admin = diesen Dienst in Ihrem Namen verwalten
scope-other = diese Berechtigung nutzen:

## Einstellungen

settings-title = Kontoeinstellungen
settings-sign-in = Anmeldung und Sicherheit
settings-password-text = Verwenden Sie ein Passwort, das Sie nirgendwo sonst nutzen.
settings-two-factor-on = { $count ->
    [one] Ein Authenticator ist eingerichtet.
   *[other] { $count } Authenticatoren sind eingerichtet.
}
settings-two-factor-off = Richten Sie eine Authenticator-App ein: Deren Codes sind sicherer als ein geheimer Schlüssel.
settings-two-factor-link = Verwalten
sessions-title = Wo Sie angemeldet sind
sessions-text = Beenden Sie jede Sitzung, die Sie nicht kennen, und ändern Sie dann Ihr Passwort.
session-this = Diese Sitzung
session-began = Angemeldet am
session-end = Sitzung beenden
sessions-end-others = Alle anderen Sitzungen beenden
applications-title = Verbundene Anwendungen
applications-text = Diese Anwendungen haben Zugriff auf Ihr Konto.
applications-none = Sie haben noch keiner Anwendung Zugriff auf Ihr Konto gegeben.
application-since = Zugriff seit
application-scopes = Was sie darf
application-remove = Zugriff entziehen

two-factor-title = Zwei-Faktor-Authentifizierung
two-factor-lead = Bei der Anmeldung fragen wir zusätzlich zum Passwort nach einem Code. Mit einem gestohlenen Passwort allein kann dann niemand etwas anfangen.
two-factor-authenticators = Authenticatoren
two-factor-on = Ein
two-factor-off = Keine App
two-factor-off-text = Sie melden sich mit Passwort und geheimem Schlüssel an. Eine Authenticator-App auf Ihrem Telefon ist sicherer: Jeder ihrer Codes gilt nur einmal.
two-factor-enable = Einschalten
two-factor-add = Authenticator hinzufügen
two-factor-disable = Ausschalten
add-title = Authenticator hinzufügen
add-submit = Weiter
authenticator-name-label = Name
authenticator-name-hint = Damit Sie Ihre Authenticatoren unterscheiden können, zum Beispiel „Diensttelefon“.
authenticator-totp = Authenticator-App
authenticator-hotp = Token
recovery-title = Wiederherstellungscodes
recovery-none = Sie haben noch keine Wiederherstellungscodes.
recovery-left = { $left ->
    [0] Sie haben keinen unbenutzten Code mehr.
    [one] Sie haben noch einen unbenutzten Code.
   *[other] Sie haben noch { $left } unbenutzte Codes.
}
recovery-explained = Mit ihnen können Sie sich anmelden, wenn Sie Ihr Telefon verlieren.
recovery-new = Neue Codes erstellen
secret-key-text = Sie haben ihn erhalten, als das Konto angelegt wurde. Er ersetzt einen Code, wo kein Authenticator verlangt wird.

enable-title = Zwei-Faktor-Authentifizierung einschalten
enable-lead = Das dauert etwa eine Minute. Bis Sie den Code bestätigen, ändert sich nichts.
enable-submit = Einschalten
disable-title = Zwei-Faktor-Authentifizierung ausschalten?
disable-lead = Danach melden Sie sich mit Ihrem Passwort und Ihrem geheimen Schlüssel an. Ihre Wiederherstellungscodes werden ungültig.
disable-text = Bestätigen Sie mit Ihrem zweiten Faktor, dass Sie es wirklich sind.
disable-submit = Ausschalten
disable-keep = Eingeschaltet lassen

recovery-new-title = Neue Wiederherstellungscodes erstellen?
recovery-new-lead = { $left ->
    [0] Sie erhalten zehn neue Codes.
    [one] Sie erhalten zehn neue Codes. Ihr letzter unbenutzter Code wird ungültig.
   *[other] Sie erhalten zehn neue Codes. Ihre { $left } unbenutzten Codes werden ungültig.
}
recovery-new-text = Bestätigen Sie mit Ihrem zweiten Faktor, dass Sie es wirklich sind.
recovery-new-submit = Codes erstellen
recovery-shown-title = Speichern Sie Ihre Wiederherstellungscodes
recovery-shown-lead = Wenn Sie Ihr Telefon verlieren, kommen Sie mit einem dieser Codes wieder hinein. Jeder gilt einmal.
recovery-shown-once = Sie sehen diese Codes nur jetzt. Bewahren Sie sie an einem sicheren Ort auf, und nicht nur auf Ihrem Telefon.
recovery-shown-done = Ich habe sie gespeichert

## Passwörter

current-password-label = Aktuelles Passwort
new-password-label = Neues Passwort
new-password-hint = Mindestens { $minimum } Zeichen. Ein paar zufällige Wörter ergeben ein gutes Passwort.
repeat-password-label = Neues Passwort wiederholen
change-password-title = Passwort ändern
change-password-lead = Alle Ihre anderen Sitzungen werden dabei beendet.
change-password-link = Ändern
change-password-submit = Passwort ändern
forgot-title = Passwort vergessen?
forgot-lead = Sagen Sie uns, wer Sie sind. Die Betreiber dieses Dienstes sehen Ihre Anfrage und können Ihnen einen Link geben, mit dem Sie ein neues Passwort festlegen.
forgot-submit = Um Hilfe bitten
forgot-sent-title = Ihre Anfrage ist notiert
forgot-sent-text = Wenn es ein Konto mit diesen Angaben gibt, sehen die Betreiber dieses Dienstes jetzt, dass Sie Hilfe brauchen. Sie geben Ihnen einen Link, mit dem Sie ein neues Passwort festlegen; er gilt einmal und nur kurze Zeit.
forgot-sent-nothing = Von selbst wird keine Nachricht verschickt. Wenn es eilt, wenden Sie sich an die Betreiber.
reset-title = Neues Passwort festlegen
reset-lead = Alle Ihre Sitzungen werden beendet. Danach melden Sie sich mit dem neuen Passwort an.
reset-submit = Passwort speichern

## Geräte

device-title = Gerät verbinden
device-lead = Geben Sie den Code ein, den Ihr Gerät anzeigt.
device-code-label = Code auf dem Gerät
device-submit = Weiter
device-approval-title = Bei { $application } auf Ihrem Gerät anmelden?
device-compare = Ihr Gerät muss diesen Code anzeigen
device-address = Die Anfrage kam von { $address }.
device-warning = Erlauben Sie das nur, wenn Sie es selbst begonnen haben. Hat Ihnen jemand diesen Code geschickt, wählen Sie „Nicht erlauben“.
device-allowed-title = Ihr Gerät ist verbunden
device-allowed-text = { $application } macht gleich von selbst weiter. Sie können diese Seite schließen.
device-denied-title = Es wurde nichts verbunden
device-denied-text = { $application } erhält keinen Zugriff auf Ihr Konto. Sie können diese Seite schließen.

## Abmelden

logout-title = Abmelden?
logout-lead = Sie sind dabei, diese Sitzung zu beenden.
logout-application = { $application } möchte Sie abmelden.
logout-text = Sie werden auch bei den Anwendungen abgemeldet, die Sie in dieser Sitzung geöffnet haben.
logout-submit = Abmelden
logout-stay = Angemeldet bleiben
logged-out-title = Sie sind abgemeldet
logged-out-text = Schließen Sie an einem gemeinsam genutzten Computer auch den Browser.
logged-out-application = Zurück zu { $application }
logged-out-login = Erneut anmelden

## Was eine Seite zu sagen hat

notice-sign-in-refused = Das hat nicht geklappt. Prüfen Sie Benutzername und Passwort und versuchen Sie es noch einmal.
notice-factor-refused = Dieser Code wurde nicht angenommen. Vielleicht ist er falsch, abgelaufen oder schon benutzt. Warten Sie auf den nächsten und versuchen Sie es noch einmal.
notice-too-many-attempts = { $minutes ->
    [one] Zu viele Versuche. Bitte versuchen Sie es in einer Minute noch einmal.
   *[other] Zu viele Versuche. Bitte versuchen Sie es in { $minutes } Minuten noch einmal.
}
notice-sign-in-expired = Die Anmeldung hat zu lange gedauert. Bitte beginnen Sie von vorn.
notice-form-expired = Diese Seite war zu lange geöffnet. Bitte versuchen Sie es noch einmal.
notice-sign-in-again = Bitte melden Sie sich noch einmal an, um zu bestätigen, dass Sie es sind.
notice-better-factor-needed = Die Anwendung verlangt eine stärkere Bestätigung als die, die Sie verwendet haben.
notice-enrolment-needed = Ihr Konto muss einen zweiten Faktor haben.
notice-fresh-proof-needed = Bitte bestätigen Sie vor dieser Änderung, dass Sie es sind.
notice-code-sent = Der Code ist unterwegs.
notice-code-sent-recently = Wir haben Ihnen gerade erst einen Code geschickt. Bitte warten Sie ein wenig, bevor Sie einen weiteren anfordern.
notice-code-not-sent = Der Code konnte nicht gesendet werden. Versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.
notice-password-changed = Ihr Passwort wurde geändert, und Ihre anderen Sitzungen wurden beendet.
notice-two-factor-enabled = Die Zwei-Faktor-Authentifizierung ist eingeschaltet.
notice-two-factor-disabled = Die Zwei-Faktor-Authentifizierung ist ausgeschaltet.
notice-recovery-codes-replaced = Ihre neuen Wiederherstellungscodes sind fertig. Die alten gelten nicht mehr.
notice-few-recovery-codes = { $left ->
    [0] Sie haben Ihren letzten Wiederherstellungscode verwendet. Erstellen Sie neue.
    [one] Sie haben nur noch einen Wiederherstellungscode. Erstellen Sie bald neue.
   *[other] Sie haben nur noch { $left } Wiederherstellungscodes. Erstellen Sie bald neue.
}
notice-session-ended = Die Sitzung wurde beendet.
notice-other-sessions-ended = Alle anderen Sitzungen wurden beendet.
notice-application-removed = Die Anwendung hat keinen Zugriff mehr auf Ihr Konto.
notice-device-code-refused = Diesen Code kennen wir nicht, oder er ist abgelaufen. Prüfen Sie ihn oder lassen Sie sich vom Gerät einen neuen geben.
notice-link-expired = Dieser Link gilt nicht mehr. Bitte fordern Sie einen neuen an.
notice-no-more-authenticators = Diesem Konto kann kein weiterer Authenticator hinzugefügt werden.
notice-not-done = Das war nicht möglich, und es wurde nichts geändert. Bitte versuchen Sie es noch einmal.

error-missing = Bitte füllen Sie dieses Feld aus.
error-malformed = Das sieht nicht richtig aus. Bitte prüfen Sie Ihre Eingabe.
error-wrong-code = Dieser Code wurde nicht angenommen. Prüfen Sie ihn oder warten Sie auf den nächsten.
error-wrong-password = Das ist nicht Ihr aktuelles Passwort.
error-name-taken = Ein anderer Ihrer Authenticatoren heißt bereits so.
error-passwords-differ = Die beiden Passwörter stimmen nicht überein.
error-password-unchanged = Wählen Sie ein Passwort, das sich vom aktuellen unterscheidet.
error-password-too-short = Verwenden Sie mindestens { $minimum } Zeichen.
error-password-too-long = Verwenden Sie höchstens { $maximum } Zeichen.
error-password-common = Dieses Passwort gehört zu denen, die Angreifer zuerst ausprobieren. Wählen Sie ein anderes.
error-password-contains-username = Das Passwort darf Ihren Benutzernamen nicht enthalten.

fault-unknown-application-title = Unbekannte Anwendung
fault-unknown-application-text = Die Anwendung, die Sie hierher geschickt hat, ist bei uns nicht registriert. Gehen Sie zurück und wenden Sie sich an ihren Betreiber.
fault-unregistered-redirect-title = Diese Anwendung darf das nicht
fault-unregistered-redirect-text = Die Anwendung möchte Sie an eine Adresse schicken, die für sie nicht registriert ist. Zu Ihrem Schutz brechen wir hier ab.
fault-bad-request-title = Hier fehlt etwas
fault-bad-request-text = Die Anfrage der Anwendung ist unvollständig oder falsch. Gehen Sie zurück und versuchen Sie es noch einmal.
fault-form-expired-title = Diese Seite ist abgelaufen
fault-form-expired-text = Sie war zu lange geöffnet oder gehört nicht zu diesem Browser. Gehen Sie zurück und versuchen Sie es noch einmal. Cookies müssen erlaubt sein.
fault-link-expired-title = Dieser Link gilt nicht mehr
fault-link-expired-text = Er wurde schon benutzt oder ist zu alt. Bitte fordern Sie einen neuen an.
fault-last-factor-title = Die Zwei-Faktor-Authentifizierung muss eingeschaltet bleiben
fault-last-factor-text = Ihr Konto braucht einen zweiten Faktor, und ohne Ihre Authenticatoren bliebe nichts, womit Sie sich anmelden können. Um einen zu ersetzen, fügen Sie zuerst den neuen hinzu.
fault-forbidden-title = Nicht erlaubt
fault-forbidden-text = Ihr Konto darf das nicht. Wenn Sie meinen, dass es das dürfen sollte, wenden Sie sich an den Betreiber dieses Dienstes.
fault-not-found-title = Seite nicht gefunden
fault-not-found-text = Unter dieser Adresse gibt es nichts.
fault-too-many-requests-title = Zu viele Versuche
fault-too-many-requests-text = Bitte warten Sie einige Minuten und versuchen Sie es noch einmal.
fault-internal-title = Da ist etwas schiefgegangen
fault-internal-text = Der Fehler liegt bei uns und wurde aufgezeichnet. Bitte versuchen Sie es gleich noch einmal.
fault-unavailable-title = Zurzeit nicht verfügbar
fault-unavailable-text = Wir sind gleich wieder da. Bitte versuchen Sie es in Kürze noch einmal.
fault-detail = Für die Entwickler der Anwendung
fault-request = Nummer der Anfrage
fault-back = Weiter
