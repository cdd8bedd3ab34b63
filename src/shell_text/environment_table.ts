/**
 * Variables that change what programs run.
 *
 * @module
 */

/**
 * What setting a variable does: its value is a command, a prompt whose expansions run, or it
 * changes which code a program loads, or which machine, engine or repository it turns to.
 */
export type VariableEffect = "command" | "prompt" | "loads" | "target";

const NAMES: { readonly [effect in VariableEffect]: string } = {
  command:
    "PROMPT_COMMAND GIT_SSH_COMMAND GIT_SSH GIT_PAGER PAGER MANPAGER BAT_PAGER DELTA_PAGER SYSTEMD_PAGER " +
    "AWS_PAGER GH_PAGER PSQL_PAGER EDITOR VISUAL GIT_EDITOR GIT_SEQUENCE_EDITOR FCEDIT SUDO_EDITOR KUBE_EDITOR " +
    "SYSTEMD_EDITOR PSQL_EDITOR HGEDITOR SVN_EDITOR GIT_EXTERNAL_DIFF GIT_ASKPASS SSH_ASKPASS SUDO_ASKPASS " +
    "GIT_PROXY_COMMAND RSYNC_RSH CVS_RSH SVN_SSH BROWSER GH_BROWSER LESSOPEN LESSCLOSE TAR_RSH RUSTC_WRAPPER " +
    "RUSTC_WORKSPACE_WRAPPER npm_config_script_shell NPM_CONFIG_SCRIPT_SHELL KUBECTL_EXTERNAL_DIFF",
  prompt: "PS0 PS1 PS2 PS4 PROMPT RPROMPT",
  loads:
    "PATH LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT BASH_ENV ENV SHELL SHELLOPTS BASHOPTS ZDOTDIR FPATH " +
    "NODE_OPTIONS NODE_PATH PYTHONPATH PYTHONSTARTUP PYTHONHOME PYTHONINSPECT PYTHONBREAKPOINT PYTHONWARNINGS PERL5LIB " +
    "PERLLIB PERL5OPT PERL5DB RUBYOPT RUBYLIB GEM_PATH GEM_HOME LUA_INIT LUA_PATH LUA_CPATH PHPRC " +
    "PHP_INI_SCAN_DIR JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH MAVEN_OPTS GRADLE_OPTS " +
    "MAKEFLAGS MAKEFILES GNUMAKEFLAGS TAR_OPTIONS VIMINIT EXINIT VIM MYVIMRC INPUTRC GCONV_PATH GIO_EXTRA_MODULES " +
    "GIT_EXEC_PATH GIT_TEMPLATE_DIR GIT_CONFIG GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_PARAMETERS " +
    "GIT_CONFIG_COUNT GIT_ALLOW_PROTOCOL OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES RUSTC RUSTFLAGS CARGO_HOME " +
    "PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE npm_config_registry WGETRC CURL_HOME GTK_MODULES QT_PLUGIN_PATH " +
    "TERMINFO MANPATH MANROFFOPT GROFF_TMAC_PATH SSH_SK_PROVIDER KUBECONFIG DOCKER_CONFIG DOCKER_HOST ANSIBLE_CONFIG " +
    "COMP_WORDBREAKS EXECIGNORE RIPGREP_CONFIG_PATH BASH_LOADABLES_PATH CDPATH BASH_ALIASES BASH_CMDS",
  target: "DOCKER_CONTEXT DOCKER_CERT_PATH DOCKER_TLS_VERIFY CONTAINER_HOST CONTAINER_CONNECTION " +
    "CONTAINER_SSHKEY CONTAINERD_ADDRESS BUILDKIT_HOST GIT_DIR GIT_WORK_TREE GIT_COMMON_DIR GIT_INDEX_FILE " +
    "GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE PGHOST PGHOSTADDR PGPORT PGSERVICE " +
    "PGSERVICEFILE PGSYSCONFDIR MYSQL_HOST MYSQL_TCP_PORT MYSQL_UNIX_PORT LIBVIRT_DEFAULT_URI " +
    "VIRSH_DEFAULT_CONNECT_URI KUBERNETES_MASTER KUBERNETES_SERVICE_HOST HELM_KUBECONTEXT HELM_KUBEAPISERVER " +
    "AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ENDPOINT_URL AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE " +
    "CLOUDSDK_CONFIG CLOUDSDK_ACTIVE_CONFIG_NAME AZURE_CONFIG_DIR VAULT_ADDR CONSUL_HTTP_ADDR NOMAD_ADDR " +
    "ETCDCTL_ENDPOINTS TALOSCONFIG INCUS_REMOTE INCUS_SOCKET LXD_DIR DBUS_SYSTEM_BUS_ADDRESS " +
    "DBUS_SESSION_BUS_ADDRESS DEBUGINFOD_URLS HOSTALIASES http_proxy https_proxy all_proxy ftp_proxy " +
    "HTTP_PROXY HTTPS_PROXY ALL_PROXY FTP_PROXY HOME XDG_CONFIG_HOME XDG_RUNTIME_DIR",
};

const EFFECTS = new Map(
  // The keys are those of the table above.
  (Object.keys(NAMES) as VariableEffect[]).flatMap((effect) =>
    NAMES[effect].split(" ").map((name): [string, VariableEffect] => [name, effect])
  ),
);

const PATTERNS: readonly RegExp[] = [
  /^LD_(?!LIBRARY_PATH$)\w+$/,
  /^DYLD_\w+$/,
  /^GIT_CONFIG_(?:KEY|VALUE)_\d+$/,
  /^BASH_FUNC_/,
  // npm takes every setting of its own from there.
  /^npm_config_/i,
];

/**
 * What setting a variable changes.
 *
 * @param name The variable.
 * @returns The effect; undefined when it changes nothing that runs.
 */
export function variableEffect(name: string): VariableEffect | undefined {
  return EFFECTS.get(name) ??
    (PATTERNS.some((pattern) => pattern.test(name)) ? "loads" : undefined);
}

/**
 * Tells whether arithmetic would run a substitution in a value: it evaluates subscripts anew.
 *
 * @param value The value.
 * @returns True when it would.
 */
export function hasCodeSubscript(value: string): boolean {
  return /\[[^[\]]*(?:\$\(|`)/.test(value);
}

/** What a git setting does when it is set. */
export type GitSetting = "command" | "alias" | "loads";

const GIT_COMMAND =
  /^(?:core\.(?:pager|editor|sshcommand|fsmonitor|askpass|gitproxy|alternaterefscommand)|pager\..+|diff\.external|diff\..+\.(?:command|textconv)|difftool\..+\.(?:cmd|path)|mergetool\..+\.(?:cmd|path)|merge\..+\.driver|filter\..+\.(?:clean|smudge|process)|sequence\.editor|gpg\.(?:.+\.)?program|gpg\.ssh\.defaultkeycommand|credential\.(?:.+\.)?helper|remote\..+\.(?:uploadpack|receivepack|vcs)|uploadpack\.packobjectshook|interactive\.difffilter|trailer\..+\.(?:command|cmd)|browser\..+\.(?:cmd|path)|man\..+\.(?:cmd|path)|web\.browser|guitool\..+\.cmd|sendemail\.(?:smtpserver|tocmd|cccmd|sendmailcmd)|receive\.procreceiverefs|imap\.tunnel|instaweb\.httpd|submodule\..+\.update|core\.checkroundtripencoding|hook\..+\.command|gc\.recentobjectshook|tar\..+\.command|lfs\.customtransfer\..+\.path|lfs\.extension\..+\.(?:clean|smudge)|sendemail\.headercmd)$/i;
const GIT_LOADS =
  /^(?:core\.(?:hookspath|worktree|attributesfile|excludesfile)|include\.path|includeif\..+\.path|init\.templatedir|url\..+\.(?:insteadof|pushinsteadof)|protocol\..*allow|core\.repositoryformatversion|extensions\..+|http\.(?:.+\.)?proxy|remote\..+\.proxy|safe\.directory)$/i;

/**
 * What a git setting changes.
 *
 * @param key The setting, such as `core.pager`.
 * @returns The effect; undefined when it runs nothing.
 */
export function gitSetting(key: string): GitSetting | undefined {
  if (/^alias\./i.test(key)) return "alias";
  if (GIT_COMMAND.test(key)) return "command";
  return GIT_LOADS.test(key) ? "loads" : undefined;
}
