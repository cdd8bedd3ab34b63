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
    "PKG_CONFIG GREP GOCACHEPROG CLOUDSDK_PYTHON CVSEDITOR P4EDITOR TEXEDIT LESSEDIT " +
    "RUSTDOC CARGO_BUILD_RUSTC CARGO_BUILD_RUSTC_WRAPPER CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_RUSTDOC " +
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
    "LESS MORE MANOPT LESSKEY LESSKEYIN LESSKEY_SYSTEM LESSKEY_CONTENT GOFLAGS GOENV GCC_EXEC_PREFIX COMPILER_PATH " +
    "PYTEST_ADDOPTS PYTEST_PLUGINS PYTHONUSERBASE PYTHONPLATLIBDIR PYTHON_PRESITE PYTHONEXECUTABLE SPEC_OPTS RAKEOPT " +
    "YARN_YARN_PATH YARN_RC_FILENAME MAVEN_ARGS ANT_ARGS ANT_OPTS SBT_OPTS JULIA_LOAD_PATH JULIA_DEPOT_PATH " +
    "R_PROFILE R_PROFILE_USER R_ENVIRON R_ENVIRON_USER R_HOME GUILE_LOAD_PATH GUILE_LOAD_COMPILED_PATH EMACSLOADPATH " +
    "ERL_LIBS ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS ELIXIR_ERL_OPTIONS CAML_LD_LIBRARY_PATH OCAMLPATH M4PATH AWKPATH " +
    "AWKLIBPATH GROFF_COMMAND_PREFIX GROFF_BIN_PATH DOTNET_STARTUP_HOOKS PSQLRC MYSQL_HOME SCREENRC HELM_PLUGINS " +
    "TF_CLI_CONFIG_FILE PACKER_PLUGIN_PATH GST_PLUGIN_PATH CARGO_ENCODED_RUSTFLAGS BUNDLE_GEMFILE " +
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
    "HTTP_PROXY HTTPS_PROXY ALL_PROXY FTP_PROXY HOME XDG_CONFIG_HOME XDG_CONFIG_DIRS XDG_RUNTIME_DIR JAVA_HOME GOROOT " +
    "GRADLE_USER_HOME PYTHONPYCACHEPREFIX COVERAGE_PROCESS_START LOCPATH NLSPATH GLIBC_TUNABLES " +
    // These name files that programs write.
    "SSLKEYLOGFILE MALLOC_TRACE NODE_V8_COVERAGE LESSHISTFILE SQLITE_HISTORY GDBHISTFILE LLVM_PROFILE_FILE GCOV_PREFIX",
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
  /^CARGO_(?:TARGET_\w+_(?:RUNNER|LINKER|RUSTFLAGS)|ALIAS_\w+)$/,
  /^(?:CORECLR|COR)_(?:ENABLE_PROFILING|PROFILER)/,
  /^TF_CLI_ARGS/,
  /^ANSIBLE_\w*(?:LIBRARY|PLUGINS|PATH)$/,
];
/** Some values of these write a file. */
const TRACES = /^GIT_TRACE(?:2?$|2?_)/;

/** What zsh keeps in variables: its commands, functions, aliases, options and hooks. */
const ZSH_LOADS = new Set(
  ("path fpath cdpath manpath module_path MODULE_PATH functions dis_functions aliases dis_aliases galiases " +
    "dis_galiases saliases dis_saliases commands options nameddirs userdirs builtins dis_builtins STTY")
    .split(" "),
);
const ZSH_HOOKS =
  /^(?:precmd|preexec|chpwd|periodic|zshexit|zshaddhistory|zsh_directory_name)_functions$/;
const ZSH_COMMANDS = new Set(["NULLCMD", "READNULLCMD"]);

/** Values that only choose how something is shown. */
const PLAIN_VALUES: ReadonlyMap<string, RegExp> = new Map([
  ["LESS", /^(?:-?[eEFiIMmnNqQRrsSwWX]+ *)*$/],
  ["MORE", /^(?:-?[cdflpsu]+ *)*$/],
]);

/**
 * What setting a variable changes.
 *
 * @param name The variable.
 * @param value Its value, where it is known.
 * @param shell The shell that sets it. Default: one that keeps nothing of its own in variables.
 * @returns The effect; undefined when it changes nothing that runs.
 */
export function variableEffect(
  name: string,
  value?: string,
  shell?: string,
): VariableEffect | undefined {
  if (shell === "zsh" && ZSH_COMMANDS.has(name)) return "command";
  if (shell === "zsh" && (ZSH_LOADS.has(name) || ZSH_HOOKS.test(name))) return "loads";
  if (value !== undefined && PLAIN_VALUES.get(name)?.test(value) === true) return undefined;
  if (TRACES.test(name)) {
    return /^(?:[012]?|true|false)$/i.test(value ?? "/") ? undefined : "target";
  }
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
