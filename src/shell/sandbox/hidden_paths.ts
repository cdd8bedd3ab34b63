/**
 * What a sandbox hides, what it keeps from being written, and which variables it lets in.
 *
 * Every path counts only where it exists. A directory is covered by an empty one, a file by an
 * empty one, so that programs find no secret instead of an error.
 *
 * @module
 */

/** Secrets in a home directory. */
export const HOME_SECRETS: readonly string[] = [
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".docker",
  ".oci",
  ".config/gh",
  ".config/glab-cli",
  ".config/hub",
  ".config/gcloud",
  ".config/doctl",
  ".config/rclone",
  ".config/containers",
  ".config/op",
  ".config/sops",
  ".config/age",
  ".config/git/credentials",
  ".config/google-chrome",
  ".config/chromium",
  ".config/BraveSoftware",
  ".mozilla",
  ".password-store",
  ".local/share/keyrings",
  ".local/share/kwalletd",
  ".terraform.d",
  ".terraformrc",
  ".vault-token",
  ".netrc",
  ".npmrc",
  ".yarnrc.yml",
  ".pypirc",
  ".gem/credentials",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".m2/settings.xml",
  ".gradle/gradle.properties",
  ".git-credentials",
  ".pgpass",
  ".my.cnf",
  ".mylogin.cnf",
  ".s3cfg",
  ".boto",
  ".env",
  ".Xauthority",
  ".bash_history",
  ".zsh_history",
  ".sh_history",
  ".python_history",
  ".node_repl_history",
  ".psql_history",
  ".mysql_history",
  ".sqlite_history",
  ".lesshst",
  ".viminfo",
  ".claude",
  ".claude.json",
  ".codex",
  ".gemini",
];

/**
 * Secrets and doors of the machine itself, as words of sh: `*` is a glob. What belongs to root is
 * readable to a sandbox that root opens, since it keeps root's user id.
 */
export const SYSTEM_SECRETS: readonly string[] = [
  "/etc/shadow",
  "/etc/shadow-",
  "/etc/gshadow",
  "/etc/gshadow-",
  "/etc/sudoers",
  "/etc/sudoers.d",
  "/etc/ssh/ssh_host_*_key",
  "/etc/ssl/private",
  "/etc/pki/tls/private",
  "/etc/letsencrypt",
  "/etc/krb5.keytab",
  "/etc/docker",
  "/etc/kubernetes",
  "/etc/rancher",
  "/etc/wireguard",
  "/etc/openvpn",
  "/etc/NetworkManager/system-connections",
  "/etc/mysql/debian.cnf",
  "/var/lib/docker",
  "/var/lib/containerd",
  "/var/lib/kubelet",
  "/var/lib/rancher",
  "/var/lib/lxd",
  "/var/snap/lxd/common/lxd",
  "/var/lib/incus",
  "/var/lib/mysql",
  "/var/lib/postgresql",
  "/var/spool/cron",
  "/sys/firmware",
  "/sys/kernel/debug",
  "/sys/kernel/tracing",
  "/sys/kernel/security",
  "/mnt/wslg",
  "/mnt/wsl",
];

/** Variables that lead to a secret or a socket: what they name is hidden. */
export const SECRET_PATH_VARIABLES: readonly string[] = [
  "SSH_AUTH_SOCK",
  "XDG_RUNTIME_DIR",
  "XAUTHORITY",
  "GNUPGHOME",
  "KUBECONFIG",
  "DOCKER_CONFIG",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_CONFIG_FILE",
  "AZURE_CONFIG_DIR",
  "CLOUDSDK_CONFIG",
  "GOOGLE_APPLICATION_CREDENTIALS",
  "NPM_CONFIG_USERCONFIG",
  "NETRC",
  "PGPASSFILE",
];

/**
 * What stays read-only below a workspace: what somebody outside would run without having asked
 * for it. One level only, since a link further up could lead elsewhere.
 */
export const WORKSPACE_READ_ONLY: readonly string[] = [
  ".bashrc",
  ".bash_profile",
  ".bash_login",
  ".bash_logout",
  ".profile",
  ".zshrc",
  ".zshenv",
  ".zprofile",
  ".zlogin",
  ".zlogout",
  ".inputrc",
  ".envrc",
  ".gitconfig",
  ".npmrc",
  ".yarnrc",
  ".yarnrc.yml",
  ".pre-commit-config.yaml",
  ".husky",
  ".vscode",
  ".idea",
  ".devcontainer",
  ".mcp.json",
  ".claude",
  ".codex",
  ".cursor",
  ".gemini",
];

/** What stays read-only in a workspace's `.git`: the ways by which git runs a program. */
export const GIT_READ_ONLY: readonly string[] = [
  "config",
  "config.worktree",
  "commondir",
  "modules",
  "info/attributes",
];

/** Variables that pass from the machine's environment: none of them holds a secret. */
export const PASSED_VARIABLES: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "TERM",
  "TZ",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_COLLATE",
  "LC_CTYPE",
  "LC_MESSAGES",
  "LC_MONETARY",
  "LC_NUMERIC",
  "LC_TIME",
];
