# As páginas em português.

account-label = Conta:
account-other = Não é você?
cancel = Cancelar
copy = Copiar
copied = Copiado
download = Baixar
print = Imprimir
brand-image = Logotipo
back-to-login = Voltar ao login
nav-label = Conta
logout-link = Sair
footer-protected = Login protegido pelo Countersign
footer-never-share = Nunca compartilhe sua senha nem seus códigos com ninguém.
added-on = Adicionado em
last-used-on = último uso em

## Entrar

login-title = Entrar
login-application = para continuar em { $application }
login-submit = Entrar
username-label = Nome de usuário ou e-mail
password-label = Senha
password-show = Mostrar
password-hide = Ocultar
forgot-link = Esqueceu sua senha?

factor-title = Confirme que é você
factor-reset-lead = Falta só um passo para você definir uma nova senha.
factor-change-lead = Esta alteração precisa de uma nova confirmação.
factor-totp-text = Abra seu aplicativo autenticador e digite o código de { $digits } dígitos desta conta.
factor-hotp-text = Pressione o botão do seu token e digite o código que ele mostrar.
factor-secret-key-text = Digite a chave secreta que você recebeu quando a conta foi criada. Ela começa com “csk_”.
factor-recovery-code-text = Digite um dos códigos de recuperação que você guardou. Cada código vale uma única vez.
factor-sent = Enviamos um código para você. Ele pode levar um minuto para chegar.
factor-sent-to = Enviamos um código para { $address }. Ele pode levar um minuto para chegar.
factor-send = Enviar um código
factor-send-again = Enviar o código novamente
factor-submit = Continuar
code-totp-label = Código
code-hotp-label = Código do seu token
code-secret-key-label = Chave secreta
code-recovery-code-label = Código de recuperação
code-sent-when-complete = Continua automaticamente assim que o código estiver completo.
choices-title = Não pode usar este método agora?
choice-totp = Usar o aplicativo autenticador
choice-hotp = Usar um código do token
choice-secret-key = Usar a chave secreta
choice-recovery-code = Usar um código de recuperação

enrol-title = Proteja sua conta
enrol-lead = Antes de continuar, sua conta precisa de um aplicativo autenticador.
enrol-application = Para continuar em { $application }, sua conta precisa de um aplicativo autenticador.
enrol-submit = Concluir e continuar

setup-scan-title = Leia o código QR
setup-scan-text = Use um aplicativo autenticador no seu celular, como Google Authenticator, Aegis ou 1Password.
setup-qr-alt = Código QR para o seu aplicativo autenticador. Se não conseguir lê-lo, abra “Não consegue ler o código?” logo abaixo.
setup-open-app = Abrir o aplicativo autenticador
setup-manual = Não consegue ler o código?
setup-manual-text = No aplicativo, escolha “Inserir chave de configuração” e digite esta chave. Maiúsculas e espaços não fazem diferença.
setup-confirm-title = Digite o código
setup-confirm-text = O aplicativo mostra agora um código de { $digits } dígitos. Digite-o para confirmar que tudo funciona.

consent-title = Permitir que { $application } acesse sua conta?
consent-site = Site do aplicativo
consent-scopes = O aplicativo poderia
consent-destination = Depois da sua resposta, você volta para { $destination }.
consent-revocable = Você pode retirar o acesso a qualquer momento nas configurações da conta.
consent-allow = Permitir
consent-deny = Não permitir
scope-openid = reconhecer você como a mesma pessoa a cada vez
scope-profile = ver seu nome e seu nome de usuário
scope-email = ver seu endereço de e-mail
scope-phone = ver seu número de telefone
scope-address = ver seu endereço postal
scope-offline-access = manter este acesso mesmo quando você não estiver conectado
scope-account = ver e alterar as configurações da sua conta
scope-admin = administrar este serviço em seu nome
scope-other = usar esta permissão:

## Configurações

settings-title = Configurações da conta
settings-sign-in = Login e segurança
settings-password-text = Use uma senha que você não usa em nenhum outro lugar.
settings-two-factor-on = { $count ->
    [one] Um autenticador está configurado.
   *[other] { $count } autenticadores estão configurados.
}
settings-two-factor-off = Adicione um app autenticador: os códigos dele são mais seguros do que uma chave secreta.
settings-two-factor-link = Gerenciar
sessions-title = Onde você está conectado
sessions-text = Encerre as sessões que você não reconhece e, em seguida, altere sua senha.
session-this = Esta sessão
session-began = Login em
session-end = Encerrar sessão
sessions-end-others = Encerrar todas as outras sessões
applications-title = Aplicativos conectados
applications-text = Estes aplicativos têm acesso à sua conta.
applications-none = Você não deu acesso à sua conta a nenhum aplicativo.
application-since = Acesso desde
application-scopes = O que ele pode fazer
application-remove = Remover acesso

two-factor-title = Autenticação em dois fatores
two-factor-lead = No login, além da senha, pedimos um código. Assim, uma senha roubada sozinha não serve para ninguém.
two-factor-authenticators = Autenticadores
two-factor-on = Ativada
two-factor-off = Sem app
two-factor-off-text = Você entra com sua senha e uma chave secreta. Um app autenticador no seu telefone é mais seguro: cada código funciona uma única vez.
two-factor-enable = Ativar
two-factor-add = Adicionar um autenticador
two-factor-disable = Desativar
add-title = Adicionar um autenticador
add-submit = Continuar
authenticator-name-label = Nome
authenticator-name-hint = Para distinguir os seus autenticadores, por exemplo “Telefone do trabalho”.
authenticator-totp = Aplicativo autenticador
authenticator-hotp = Token
recovery-title = Códigos de recuperação
recovery-none = Você ainda não tem códigos de recuperação.
recovery-left = { $left ->
    [0] Você não tem mais nenhum código sem uso.
    [one] Você ainda tem um código sem uso.
   *[other] Você ainda tem { $left } códigos sem uso.
}
recovery-explained = Com eles, você consegue entrar se perder o celular.
recovery-new = Criar novos códigos
secret-key-text = Você a recebeu quando a conta foi criada. Ela substitui um código onde não se exige um autenticador.

enable-title = Ativar a autenticação em dois fatores
enable-lead = Leva cerca de um minuto. Nada muda até você confirmar o código.
enable-submit = Ativar
disable-title = Desativar a autenticação em dois fatores?
disable-lead = A partir daí, você entra com a sua senha e a sua chave secreta. Os seus códigos de recuperação deixam de funcionar.
disable-text = Confirme com seu segundo fator que é você mesmo.
disable-submit = Desativar
disable-keep = Manter ativada

recovery-new-title = Criar novos códigos de recuperação?
recovery-new-lead = { $left ->
    [0] Você recebe dez códigos novos.
    [one] Você recebe dez códigos novos. Seu último código sem uso deixa de valer.
   *[other] Você recebe dez códigos novos. Seus { $left } códigos sem uso deixam de valer.
}
recovery-new-text = Confirme com seu segundo fator que é você mesmo.
recovery-new-submit = Criar códigos
recovery-shown-title = Guarde seus códigos de recuperação
recovery-shown-lead = Se você perder o celular, um destes códigos permite que você entre. Cada um vale uma única vez.
recovery-shown-once = Você vê estes códigos somente agora. Guarde-os em um lugar seguro, e não apenas no celular.
recovery-shown-done = Já guardei os códigos

## Senhas

current-password-label = Senha atual
new-password-label = Nova senha
new-password-hint = Pelo menos { $minimum } caracteres. Algumas palavras aleatórias formam uma boa senha.
repeat-password-label = Repita a nova senha
change-password-title = Alterar sua senha
change-password-lead = Todas as suas outras sessões serão encerradas.
change-password-link = Alterar
change-password-submit = Alterar senha
forgot-title = Esqueceu sua senha?
forgot-lead = Diga-nos quem você é. Quem opera este serviço verá o seu pedido e poderá lhe dar um link para definir uma nova senha.
forgot-submit = Pedir ajuda
forgot-sent-title = O seu pedido foi registrado
forgot-sent-text = Se existir uma conta com esses dados, quem opera este serviço já pode ver que você precisa de ajuda. Você receberá um link para definir uma nova senha; ele funciona uma vez e por pouco tempo.
forgot-sent-nothing = Nenhuma mensagem é enviada automaticamente. Se tiver pressa, entre em contato com quem opera o serviço.
reset-title = Definir uma nova senha
reset-lead = Todas as suas sessões serão encerradas. Depois, você entra com a nova senha.
reset-submit = Salvar senha

## Dispositivos

device-title = Conectar um dispositivo
device-lead = Digite o código que aparece no seu dispositivo.
device-code-label = Código do dispositivo
device-submit = Continuar
device-approval-title = Entrar em { $application } no seu dispositivo?
device-compare = Seu dispositivo deve mostrar este código
device-address = O pedido veio de { $address }.
device-warning = Permita somente se foi você quem começou. Se alguém enviou este código para você, escolha “Não permitir”.
device-allowed-title = Seu dispositivo está conectado
device-allowed-text = { $application } continua sozinho em instantes. Você pode fechar esta página.
device-denied-title = Nada foi conectado
device-denied-text = { $application } não recebe acesso à sua conta. Você pode fechar esta página.

## Sair

logout-title = Sair?
logout-lead = Você está prestes a encerrar esta sessão.
logout-application = { $application } pede para encerrar sua sessão.
logout-text = Você também sairá dos aplicativos que abriu com esta sessão.
logout-submit = Sair
logout-stay = Continuar conectado
logged-out-title = Você saiu
logged-out-text = Em um computador compartilhado, feche também o navegador.
logged-out-application = Voltar para { $application }
logged-out-login = Entrar novamente

## O que uma página tem a dizer

notice-sign-in-refused = Não deu certo. Confira seu nome de usuário e sua senha e tente novamente.
notice-factor-refused = Este código não foi aceito. Ele pode estar errado, vencido ou já usado. Espere o próximo e tente novamente.
notice-too-many-attempts = { $minutes ->
    [one] Tentativas demais. Tente novamente em um minuto.
   *[other] Tentativas demais. Tente novamente em { $minutes } minutos.
}
notice-sign-in-expired = O login demorou demais. Comece de novo, por favor.
notice-form-expired = Esta página ficou aberta por tempo demais. Tente novamente, por favor.
notice-sign-in-again = Entre novamente para confirmar que é você.
notice-better-factor-needed = O aplicativo pede uma confirmação mais forte do que a que você usou.
notice-enrolment-needed = Sua conta precisa ter um segundo fator.
notice-fresh-proof-needed = Antes desta alteração, confirme que é você.
notice-code-sent = O código está a caminho.
notice-code-sent-recently = Acabamos de enviar um código. Espere um pouco antes de pedir outro.
notice-code-not-sent = Não foi possível enviar o código. Tente novamente ou use outro método.
notice-password-changed = Sua senha foi alterada e suas outras sessões foram encerradas.
notice-two-factor-enabled = A autenticação em dois fatores está ativada.
notice-two-factor-disabled = A autenticação em dois fatores está desativada.
notice-recovery-codes-replaced = Seus novos códigos de recuperação estão prontos. Os antigos não valem mais.
notice-few-recovery-codes = { $left ->
    [0] Você usou seu último código de recuperação. Crie novos códigos.
    [one] Você tem apenas um código de recuperação. Crie novos em breve.
   *[other] Você tem apenas { $left } códigos de recuperação. Crie novos em breve.
}
notice-session-ended = A sessão foi encerrada.
notice-other-sessions-ended = Todas as outras sessões foram encerradas.
notice-application-removed = O aplicativo não tem mais acesso à sua conta.
notice-device-code-refused = Não conhecemos este código, ou ele venceu. Confira-o ou peça um novo ao dispositivo.
notice-link-expired = Este link não vale mais. Peça um novo, por favor.
notice-no-more-authenticators = Não é possível adicionar outro autenticador a esta conta.
notice-not-done = Não foi possível fazer isso, e nada foi alterado. Tente novamente, por favor.

error-missing = Preencha este campo.
error-malformed = Isto não parece certo. Confira o que você digitou.
error-wrong-code = Este código não foi aceito. Confira-o ou espere o próximo.
error-wrong-password = Esta não é sua senha atual.
error-name-taken = Outro dos seus autenticadores já tem este nome.
error-passwords-differ = As duas senhas não são iguais.
error-password-unchanged = Escolha uma senha diferente da atual.
error-password-too-short = Use pelo menos { $minimum } caracteres.
error-password-too-long = Use no máximo { $maximum } caracteres.
error-password-common = Esta é uma das senhas que os invasores tentam primeiro. Escolha outra.
error-password-contains-username = A senha não pode conter seu nome de usuário.

fault-unknown-application-title = Aplicativo desconhecido
fault-unknown-application-text = O aplicativo que enviou você até aqui não está registrado conosco. Volte e avise o responsável por ele.
fault-unregistered-redirect-title = Este aplicativo não pode fazer isso
fault-unregistered-redirect-text = O aplicativo quer enviar você para um endereço que não está registrado para ele. Para proteger você, paramos aqui.
fault-bad-request-title = Está faltando alguma coisa
fault-bad-request-text = O pedido do aplicativo está incompleto ou errado. Volte e tente novamente.
fault-form-expired-title = Esta página venceu
fault-form-expired-text = Ela ficou aberta por tempo demais ou não pertence a este navegador. Volte e tente novamente. Os cookies precisam estar permitidos.
fault-link-expired-title = Este link não vale mais
fault-link-expired-text = Ele já foi usado ou é antigo demais. Peça um novo, por favor.
fault-last-factor-title = A autenticação em dois fatores precisa continuar ativada
fault-last-factor-text = A sua conta precisa de um segundo fator, e sem os seus autenticadores não restaria nada com que entrar. Para substituir um, adicione primeiro o novo.
fault-forbidden-title = Não permitido
fault-forbidden-text = Sua conta não pode fazer isso. Se você acha que deveria poder, fale com o responsável por este serviço.
fault-not-found-title = Página não encontrada
fault-not-found-text = Não há nada neste endereço.
fault-too-many-requests-title = Tentativas demais
fault-too-many-requests-text = Espere alguns minutos e tente novamente.
fault-internal-title = Algo deu errado
fault-internal-text = A falha é nossa e foi registrada. Tente novamente em instantes.
fault-unavailable-title = Indisponível no momento
fault-unavailable-text = Voltamos em breve. Tente novamente em instantes.
fault-detail = Para os desenvolvedores do aplicativo
fault-request = Número do pedido
fault-back = Continuar
