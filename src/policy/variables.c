#include "policy/variables.h"

#include "util/cleanup.h"

#include <fnmatch.h>
#include <limits.h>
#include <string.h>

/*
 * Variables by which a program runs code other than its pinned bytes, or gives its memory away,
 * before it has read one line of its own. No policy needs them: the program or its arguments can do
 * the same. The list is narrow on purpose: a token may be called GEM_HOST_API_KEY or VK_TOKEN.
 */
const struct variable_rule variable_rules_forbidden[] = {
	{"ENVSEAL_*", "belongs to envseal itself"},

	{"LD_*", "the dynamic loader takes libraries and audit modules from it"},
	{"GLIBC_TUNABLES", "changes how the C library starts and allocates"},
	{"GCONV_*", "the C library loads character set modules from it"},
	{"GETCONF_DIR", "getconf runs programs from it"},
	{"LOCPATH", "the C library loads locale data from it"},
	{"MUSL_LOCPATH", "the C library loads translations from it"},
	{"NLSPATH", "the C library takes message formats from it"},
	{"NIS_PATH", "the C library looks up users through it"},
	{"RESOLV_HOST_CONF", "the C library reads the file it names"},
	{"MALLOC_TRACE", "the C library writes the file it names"},
	{"*MALLOC_CONF", "jemalloc writes profiles where it says"},
	{"TCMALLOC_*", "the allocator writes profiles where it says"},
	{"HEAPPROFILE*", "the allocator writes memory profiles to it"},
	{"CPUPROFILE*", "the profiler writes the file it names"},
	{"*SAN_OPTIONS", "sanitizers write logs and run a symbolizer by it"},
	{"*SAN_SYMBOLIZER_PATH", "sanitizers run the program it names"},
	{"LLVM_PROFILE_FILE", "instrumented programs write the file it names"},
	{"GMON_OUT_PREFIX", "profiled programs write where it says"},
	{"GCOV_*", "instrumented programs write where it says"},

	{"BASH_*", "bash takes functions, start-up files and modules from it"},
	{"BASHOPTS", "switches bash's options on"},
	{"SHELLOPTS", "switches a shell's options on, tracing among them"},
	{"TEXTDOMAIN*", "bash takes translations of its strings from it, and runs what is in them"},
	{"ENV", "shells run the file it names"},
	{"PS[0-4]", "shells expand commands in their prompts, PS4 in every trace line"},
	{"PROMPT", "shells run or expand it with every prompt"},
	{"PROMPT[2-4]", "shells run or expand it with every prompt"},
	{"PROMPT_COMMAND", "shells run or expand it with every prompt"},
	{"IFS", "changes how a shell splits words"},
	{"CDPATH", "sends a script's cd elsewhere"},
	{"GLOBIGNORE", "changes what a shell's patterns match"},
	{"EXECIGNORE", "changes which programs bash finds"},
	{"FPATH", "ksh and zsh load functions from it"},
	{"ZDOTDIR", "zsh reads its start-up files there"},
	{"NULLCMD", "zsh runs it for a redirection without a command"},
	{"READNULLCMD", "zsh runs it for a redirection without a command"},
	{"TMPPREFIX", "zsh makes its temporary files there"},
	{"fish_function_path", "fish loads functions from it"},
	{"fish_complete_path", "fish loads completions from it"},
	{"XONSHRC*", "xonsh runs the files it names"},

	{"PERL5*", "perl takes options, libraries and a debugger from it"},
	{"PERLLIB", "perl loads modules from it"},
	{"PERLIO*", "changes perl's input and output layers, or traces them"},
	{"PERLDB_OPTS", "perl's debugger runs what it says"},
	{"PYTHON*", "python takes modules, start-up code and a debugger from it"},
	{"RUBYOPT", "ruby takes options and libraries from it"},
	{"RUBYLIB*", "ruby takes options and libraries from it"},
	{"RUBYPATH", "ruby takes options and libraries from it"},
	{"RUBYSHELL", "ruby takes options and libraries from it"},
	{"RUBYGEMS_GEMDEPS", "ruby takes options and libraries from it"},
	{"GEM_HOME", "ruby loads libraries from it"},
	{"GEM_PATH", "ruby loads libraries from it"},
	{"BUNDLE_GEMFILE", "bundler loads code and settings by it"},
	{"BUNDLE_PATH*", "bundler loads code and settings by it"},
	{"BUNDLE_APP_CONFIG", "bundler loads code and settings by it"},
	{"BUNDLE_BIN*", "bundler loads code and settings by it"},
	{"BUNDLE_USER_*", "bundler loads code and settings by it"},
	{"BUNDLER_*", "bundler loads code and settings by it"},
	{"NODE_OPTIONS", "node takes options from it: modules and a debugger"},
	{"NODE_PATH", "node loads modules from it"},
	{"NODE_REPL_*", "node loads a module and writes a history by it"},
	{"NODE_CHANNEL_*", "node takes orders on the descriptor it names"},
	{"NODE_V8_COVERAGE", "node writes coverage data to it"},
	{"ELECTRON_RUN_AS_NODE", "turns an application into an interpreter"},
	{"BUN_OPTIONS", "bun takes options from it"},
	{"BUN_INSPECT*", "opens bun's debugger"},
	{"JAVA_TOOL_OPTIONS", "the JVM takes agents and options from it"},
	{"_JAVA_*", "the JVM takes agents and options from it"},
	{"JDK_JAVA*", "the java launchers take options from it"},
	{"IBM_JAVA_OPTIONS", "the JVM takes agents and options from it"},
	{"OPENJ9_JAVA_OPTIONS", "the JVM takes agents and options from it"},
	{"CLASSPATH", "the JVM loads classes from it"},
	{"LUA_*", "lua runs start-up code and loads modules by it"},
	{"PHPRC", "php reads its configuration there, code to prepend included"},
	{"PHP_INI_SCAN_DIR", "php reads its configuration there, code to prepend included"},
	{"TCL_LIBRARY", "tcl loads its library from it"},
	{"TCLLIBPATH", "tcl loads its library from it"},
	{"TCL*_TM_PATH", "tcl loads its library from it"},
	{"TK_LIBRARY", "tk loads its library from it"},
	{"GUILE_*", "guile loads code from it"},
	{"EMACSLOADPATH", "emacs loads code from it"},
	{"EMACSPATH", "emacs loads code from it"},
	{"EMACSDATA", "emacs loads code from it"},
	{"OCAML*", "ocaml takes run-time options and libraries from it"},
	{"CAML*", "ocaml takes run-time options and libraries from it"},
	{"ERL_*", "erlang takes options and code from it"},
	{"ELIXIR_ERL_OPTIONS", "elixir passes options to erlang by it"},
	{"R_PROFILE*", "R runs profiles and loads libraries by it"},
	{"R_ENVIRON*", "R runs profiles and loads libraries by it"},
	{"R_LIBS*", "R runs profiles and loads libraries by it"},
	{"R_HOME", "R runs profiles and loads libraries by it"},
	{"R_DEFAULT_PACKAGES", "R runs profiles and loads libraries by it"},
	{"JULIA_LOAD_PATH", "julia loads code from it"},
	{"JULIA_DEPOT_PATH", "julia loads code from it"},
	{"JULIA_PROJECT", "julia loads code from it"},
	{"JULIA_BINDIR", "julia loads code from it"},
	{"GHCRTS", "haskell programs take run-time options from it, output files included"},
	{"GHC_PACKAGE_PATH",
         "haskell programs take run-time options from it, output files included"},
	{"GHC_ENVIRONMENT",
         "haskell programs take run-time options from it, output files included"},
	{"DOTNET_STARTUP_HOOKS", ".NET runs the assemblies it names"},
	{"DOTNET_ADDITIONAL_DEPS", ".NET loads code by it"},
	{"DOTNET_SHARED_STORE", ".NET loads code from it"},
	{"DOTNET_ROOT*", ".NET starts its run time from it"},
	{"DOTNET_D[bi]*", ".NET writes dumps or opens its diagnostic port by it"},
	{"CORECLR_*", ".NET loads a profiler by it"},
	{"COR_ENABLE_PROFILING", ".NET loads a profiler by it"},
	{"COR_PROFILER*", ".NET loads a profiler by it"},
	{"COMPlus_*", ".NET takes run-time options from it, dumps included"},
	{"MONO_*", "mono takes options and libraries from it"},
	{"AWKPATH", "awk loads code and extensions from it"},
	{"AWKLIBPATH", "awk loads code and extensions from it"},

	{"GTK_*MODULE*", "gtk loads libraries by it"},
	{"GTK_PATH*", "gtk loads libraries from it"},
	{"GTK_EXE_PREFIX", "gtk loads libraries from it"},
	{"GIO_*MODULE*", "glib loads libraries from it"},
	{"GDK_PIXBUF_MODULE*", "gdk-pixbuf loads libraries by it"},
	{"GI_TYPELIB_PATH", "introspection loads libraries by it"},
	{"GST_PLUGIN_*", "gstreamer loads plugins and writes traces by it"},
	{"GST_REGISTRY*", "gstreamer loads plugins and writes traces by it"},
	{"GST_DEBUG*", "gstreamer loads plugins and writes traces by it"},
	{"QT_*PLUGIN*", "qt loads libraries from it"},
	{"QML*_PATH", "qml loads code from it"},
	{"LIBGL_*", "graphics drivers are loaded from it"},
	{"LIBVA_*", "graphics drivers are loaded from it"},
	{"VDPAU_*", "graphics drivers are loaded by it"},
	{"VK_ICD_*", "graphics layers are loaded by it"},
	{"VK_LAYER_*", "graphics layers are loaded by it"},
	{"VK_ADD_*", "graphics layers are loaded by it"},
	{"VK_*_LAYERS", "graphics layers are loaded by it"},
	{"VK_DRIVER_FILES", "graphics layers are loaded by it"},
	{"__EGL_*", "graphics drivers are loaded by it"},
	{"OCL_ICD_*", "compute drivers are loaded by it"},
	{"ALSA_CONFIG*", "sound plugins are loaded by it"},
	{"ALSA_PLUGIN*", "sound plugins are loaded by it"},
	{"SASL_PATH", "sasl loads plugins from it"},
	{"LIBMYSQL_*", "the mysql and mariadb libraries load plugins by it"},
	{"LIBSMB_PROG", "smbclient runs it in place of a connection"},
	{"OPENSC_*", "smart card libraries load drivers by the configuration it names"},
	{"TPM2*_TCTI", "tpm2 programs load the library it names"},
	{"MAGICK_*", "imagemagick loads modules and runs programs by it"},
	{"GS_LIB", "ghostscript runs the files it finds there"},
	{"GS_OPTIONS", "ghostscript takes options from it"},
	{"QTWEBENGINE*", "qt's browser opens a debugger, or starts another program by it"},

	{"MAKEFLAGS", "make takes options and assignments from it"},
	{"MFLAGS", "make takes options from it"},
	{"GNUMAKEFLAGS", "make takes options and assignments from it"},
	{"MAKEFILES", "make reads the files it names"},
	{"GCC_EXEC_PREFIX", "gcc runs the programs under it"},
	{"COMPILER_PATH", "gcc runs programs from it"},
	{"COLLECT_GCC*", "gcc passes options by it"},
	{"TAR_OPTIONS", "tar takes options from it, commands to run included"},
	{"ZIPOPT", "zip takes options from it, commands to run included"},
	{"UNZIPOPT", "unzip takes options from it"},
	{"TF_CLI_ARGS*", "terraform takes options from it"},
	{NULL, NULL},
};

/*
 * Variables by which whoever starts a program could send its secret elsewhere: to another server,
 * certificate authority, trace file or helper program. A policy may set them.
 */
const struct variable_rule variable_rules_not_inheritable[] = {
	{"PATH", "which programs are found is not the caller's choice"},
	{"MANPATH", "which files are found is not the caller's choice"},
	{"TMPDIR", "the caller would choose where temporary files lie"},
	{"TMP", "the caller would choose where temporary files lie"},
	{"TEMP", "the caller would choose where temporary files lie"},
	{"TEMPDIR", "the caller would choose where temporary files lie"},
	{"TZDIR", "time zone data is read from it"},
	{"XDG_*", "configuration and data are read from it"},
	{"TERMINFO*", "terminal descriptions are read from it"},
	{"TERMCAP", "terminal descriptions are read from it"},
	{"TERMPATH", "terminal descriptions are read from it"},
	{"NCURSES_*", "changes how terminal descriptions are read"},
	{"INPUTRC", "key bindings are read from it"},
	{"EDITRC", "key bindings are read from it"},
	{"HISTFILE", "what is typed is written to it"},
	{"*_HISTORY", "what is typed is written to it"},
	{"*_HISTFILE", "what is typed is written to it"},
	{"DOTDIR", "start-up files are read from it"},
	{"POSIXLY_CORRECT", "changes how options are read"},

	{"HOSTALIASES", "sends names of servers elsewhere"},
	{"LOCALDOMAIN", "sends names of servers elsewhere"},
	{"RES_OPTIONS", "changes how names of servers are resolved"},
	{"*_proxy", "sends connections through another server"},
	{"*_PROXY", "sends connections through another server"},
	{"SOCKS*", "sends connections through another server"},
	{"TSOCKS_*", "sends connections through another server"},
	{"TORSOCKS_*", "sends connections through another server"},
	{"PROXYCHAINS_*", "sends connections through another server"},
	{"SSL_*", "changes which certificates are believed"},
	{"SSLKEYLOGFILE", "the keys of connections are written to it"},
	{"*_CA_BUNDLE", "changes which certificates are believed"},
	{"*_CA_CERT*", "changes which certificates are believed"},
	{"*_CA_FILE", "changes which certificates are believed"},
	{"*_CA_PATH", "changes which certificates are believed"},
	{"*_CACERT*", "changes which certificates are believed"},
	{"GRPC_DEFAULT_SSL_*", "changes which certificates are believed"},
	{"OPENSSL_*", "openssl reads configuration and modules by it"},
	{"GNUTLS_*", "gnutls reads its configuration and writes keys by it"},
	{"NSS_*", "nss reads its configuration and writes keys by it"},
	{"P11_KIT_*", "certificates and modules are found by it"},
	{"PKCS11_*", "modules are found by it"},
	{"KRB5*", "kerberos reads configuration and writes traces by it"},
	{"SASL_*", "sasl reads its configuration by it"},
	{"CURL_*", "curl reads its configuration and certificates by it"},
	{"WGET*", "wget reads its configuration by it"},
	{"NETRC", "logins are read from it"},
	{"SSH_*", "ssh asks the agent and runs the programs that it names"},
	{"RSYNC_*", "rsync runs programs and takes secrets by it"},
	{"CVS*", "cvs runs programs by it"},
	{"SVN_*", "subversion runs programs by it"},
	{"HG*", "mercurial reads configuration and runs programs by it"},
	{"GIT_*", "git runs programs, reads configuration and writes traces by it"},
	{"GPG_*", "gnupg asks the agent that it names"},
	{"GNUPGHOME", "gnupg reads keys and configuration from it"},
	{"DBUS_*", "connects to another message bus"},

	{"GH_*", "the GitHub client's account, server and traces"},
	{"GITHUB_*", "an account, or its server"},
	{"GITLAB_*", "an account, or its server"},
	{"GLAB_*", "an account, or its server"},
	{"HUB_*", "an account, or its server"},
	{"AWS_*", "an account, its server or a program to run"},
	{"AZURE_*", "an account, or its server"},
	{"ARM_*", "an account, or its server"},
	{"GOOGLE_*", "an account, or its server"},
	{"CLOUDSDK_*", "an account, its server or a program to run"},
	{"GCLOUD_*", "an account, or its server"},
	{"DOCKER_*", "an account, or its server"},
	{"CONTAINER*", "an account, or its server"},
	{"BUILDAH_*", "an account, or its server"},
	{"KUBE*", "an account, its server or a program to run"},
	{"HELM_*", "an account, or plugins"},
	{"VAULT_*", "an account, or its server"},
	{"CONSUL_*", "an account, or its server"},
	{"NOMAD_*", "an account, or its server"},
	{"TF_*", "terraform's configuration and traces"},
	{"TERRAFORM_*", "terraform's configuration"},
	{"PULUMI_*", "an account, or its server"},
	{"ANSIBLE_*", "ansible loads plugins and configuration by it"},
	{"SOPS_*", "keys and servers are found by it"},
	{"PASSWORD_STORE_*", "a password store and its extensions"},
	{"RESTIC_*", "a repository, or a program to run"},
	{"BORG_*", "a repository, or a program to run"},
	{"RCLONE_*", "an account, or its server"},
	{"ANTHROPIC_*", "an account, or its server"},
	{"OPENAI_*", "an account, or its server"},
	{"HF_*", "an account, or its server"},
	{"CLOUDFLARE_*", "an account, or its server"},
	{"HCLOUD_*", "an account, or its server"},
	{"DIGITALOCEAN_*", "an account, or its server"},
	{"HEROKU_*", "an account, or its server"},
	{"VERCEL_*", "an account, or its server"},
	{"SENTRY_*", "an account, or its server"},
	{"SLACK_*", "an account, or its server"},
	{"STRIPE_*", "an account, or its server"},
	{"TWILIO_*", "an account, or its server"},
	{"PG*", "a database server, its options and its secret files"},
	{"PSQL*", "psql runs start-up files and programs by it"},
	{"MYSQL_*", "a database server, or plugins"},
	{"MARIADB_*", "a database server, or plugins"},
	{"REDIS*", "a database server"},
	{"MONGO*", "a database server"},
	{"ORACLE_*", "a database server, or libraries"},
	{"TNS_ADMIN", "a database server"},
	{"ODBC*", "a database server, or drivers"},
	{"TDS*", "a database server, or a log with the password"},
	{"FREETDS*", "a database server, or a log with the password"},
	{"LDAP*", "a directory server, its certificates or configuration"},
	{"SQLITE_*", "databases and temporary files"},

	{"BUNDLE_*", "libraries come from where it says"},
	{"GEM_*", "libraries come from where it says"},
	{"RUBY*", "changes how ruby runs"},
	{"JULIA_*", "code comes from where it says"},
	{"PERL_*", "perl modules read settings by it"},
	{"PYENV_*", "chooses another interpreter"},
	{"RBENV_*", "chooses another interpreter"},
	{"NODENV_*", "chooses another interpreter"},
	{"ASDF_*", "chooses another interpreter"},
	{"VIRTUAL_ENV*", "chooses another set of libraries"},
	{"CONDA_*", "chooses another set of libraries"},
	{"PIP_*", "packages come from where it says"},
	{"UV_*", "packages come from where it says"},
	{"POETRY_*", "packages come from where it says"},
	{"NODE_*", "changes certificates, traces and modes of node"},
	{"npm_*", "packages and programs come from where it says"},
	{"NPM_*", "packages and programs come from where it says"},
	{"YARN_*", "packages come from where it says"},
	{"DENO_*", "code and certificates come from where it says"},
	{"BUN_*", "code comes from where it says"},
	{"ELECTRON_*", "changes how an application starts"},
	{"JAVA_*", "launchers run the java and the options that it names"},
	{"JAVACMD", "launchers run it"},
	{"*_OPTS", "launchers pass it to java"},
	{"JRE_HOME", "launchers run the java under it"},
	{"MAVEN_*", "code comes from where it says"},
	{"GRADLE_*", "code comes from where it says"},
	{"ANT_*", "code comes from where it says"},
	{"PHP_*", "changes how php runs"},
	{"DOTNET_*", "changes how .NET runs"},
	{"NUGET_*", "packages come from where it says"},
	{"MSBUILD*", "changes what msbuild runs and logs"},
	{"GODEBUG", "changes certificates and traces of Go programs"},
	{"GOTRACEBACK", "Go programs dump their memory by it"},
	{"GOCOVERDIR", "Go programs write to it"},
	{"GOFLAGS", "go takes options from it, programs to run included"},
	{"GOENV", "go reads its settings from it"},
	{"GOROOT", "go runs programs from it"},
	{"GOPATH", "code comes from where it says"},
	{"GOPROXY", "code comes from where it says"},
	{"GOTOOLCHAIN", "chooses another go"},
	{"RUST*", "changes compilers, wrappers and traces of Rust programs"},
	{"CARGO*", "code, programs and accounts of cargo"},

	{"CC", "build tools run it"},
	{"CXX", "build tools run it"},
	{"CPP", "build tools run it"},
	{"*FLAGS", "build tools pass it to the programs they run"},
	{"CPATH", "compilers read files from it"},
	{"*_INCLUDE_PATH", "compilers read files from it"},
	{"LIBRARY_PATH", "linkers read libraries from it"},
	{"DEPENDENCIES_OUTPUT", "compilers write the file it names"},
	{"SUNPRO_DEPENDENCIES", "compilers write the file it names"},
	{"PKG_CONFIG*", "build tools run it or read files by it"},
	{"CMAKE_*", "cmake runs programs and reads files by it"},
	{"CCACHE_*", "ccache runs programs and writes files by it"},
	{"DISTCC_*", "compilations go to other machines by it"},
	{"M4PATH", "m4 reads files from it"},
	{"MAKE*", "make and build tools run it or read by it"},

	{"*PAGER", "programs run it"},
	{"LESS*", "less runs programs, reads keys and writes a history by it"},
	{"LV", "lv takes options from it"},
	{"MORE", "more takes options from it"},
	{"BAT_*", "bat runs programs and reads files by it"},
	{"FZF_*", "fzf runs programs by it"},
	{"*EDITOR", "programs run it"},
	{"VISUAL", "programs run it"},
	{"FCEDIT", "shells run it"},
	{"VIM*", "vim runs commands and reads files by it"},
	{"GVIM*", "vim runs commands by it"},
	{"MYVIMRC", "vim reads the file it names"},
	{"NVIM*", "neovim listens and reads files by it"},
	{"EXINIT", "vi runs its commands"},
	{"BROWSER", "programs run it"},
	{"*_BROWSER", "programs run it"},
	{"*ASKPASS", "programs run it"},
	{"*_COMMAND", "programs run it"},
	{"*_RSH", "programs run it"},
	{"MAN*OPT", "man passes it to programs"},
	{"GROFF_*", "groff runs programs from it"},
	{"MAILCAPS", "programs run what the file it names says"},
	{"GREP_OPTIONS", "grep takes options from it"},
	{"GZIP", "gzip takes options from it"},
	{"BZIP*", "bzip2 takes options from it"},
	{"XZ_*", "xz takes options from it"},
	{"ZIP", "zip takes options from it"},
	{"UNZIP", "unzip takes options from it"},
	{"BC_ENV_ARGS", "bc reads files by it"},
	{"DC_ENV_ARGS", "dc reads files by it"},
	{"SCREENRC", "screen reads the file it names"},
	{"SCREENDIR", "screen's sockets lie there"},
	{"TMUX*", "tmux's sockets lie there"},
	{"APT_CONFIG", "apt runs what the file it names says"},
	{"DPKG_*", "dpkg runs programs and changes its root by it"},
	{"RPM_*", "rpm reads its configuration by it"},

	{"DEBUG", "programs trace by it, secrets included"},
	{"*_DEBUG", "programs trace by it, secrets included"},
	{"DEBUG_*", "programs trace by it, secrets included"},
	{"*_TRACE*", "programs trace by it, secrets included"},
	{"*_LOG", "programs trace by it, secrets included"},
	{"*_LOG_LEVEL", "programs trace by it, secrets included"},
	{"*_VERBOSE", "programs trace by it, secrets included"},
	{"G_MESSAGES_DEBUG", "programs trace by it, secrets included"},
	{"DEBUGINFOD_*", "debugging data comes from the servers it names"},
	{"VALGRIND_*", "valgrind takes options from it"},
	{"SYSTEMD_*", "systemd's programs run others and trace by it"},
	{"NOTIFY_SOCKET", "programs report to the socket it names"},
	{"LISTEN_*", "programs take over descriptors by it"},
	{"SUDO_*", "says who called, and anybody can say it"},
	{"DOAS_USER", "says who called, and anybody can say it"},
	{"PKEXEC_UID", "says who called, and anybody can say it"},
	{NULL, NULL},
};

bool variable_name_ok(const char *name) {
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char more[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	if (name[0] == '\0' || !strchr(letters, name[0]))
		return false;
	return name[strspn(name, more)] == '\0';
}

static const char *look_up(const struct variable_rule *rule, const char *name) {
	for (; rule->pattern; rule++) {
		if (fnmatch(rule->pattern, name, 0) == 0)
			return rule->reason;
	}
	return NULL;
}

const char *variable_forbidden(const char *name) {
	return look_up(variable_rules_forbidden, name);
}

const char *variable_not_inheritable(const char *name) {
	const char *reason = variable_forbidden(name);
	return reason ? reason : look_up(variable_rules_not_inheritable, name);
}

/*
 * "/" could name a file and "%" a format: both have been used to attack programs that read such
 * variables.
 */
static bool locale_ok(const char *value) {
	return !strpbrk(value, "/%");
}

static bool has_parent_component(const char *path) {
	for (const char *at = strstr(path, ".."); at; at = strstr(at + 1, "..")) {
		bool starts = at == path || at[-1] == '/';
		if (starts && (at[2] == '\0' || at[2] == '/'))
			return true;
	}
	return false;
}

/*
 * sudoers(5): no file outside of the zone data, no "..", nothing unprintable, shorter than a path.
 */
static bool time_zone_ok(const char *value) {
	static const char zones[] = "/usr/share/zoneinfo/";
	const char *zone = value[0] == ':' ? value + 1 : value;
	if (zone[0] == '/' && strncmp(zone, zones, sizeof(zones) - 1) != 0)
		return false;
	for (const char *at = zone; *at; at++) {
		if (*at <= ' ' || *at >= 0x7f)
			return false;
	}
	return !has_parent_component(zone) && strlen(zone) < PATH_MAX;
}

/*
 * bash before 4.3 took any variable with such a value for a function, and executed what followed.
 */
static bool not_a_function(const char *value) {
	return strncmp(value, "()", 2) != 0;
}

bool variable_value_ok(const char *name, const char *value) {
	static const struct {
		const char *pattern;
		bool (*ok)(const char *value);
	} rules[] = {
		{"LANG", locale_ok},    {"LANGUAGE", locale_ok}, {"LC_*", locale_ok},
		{"LINGUAS", locale_ok}, {"TERM", locale_ok},     {"COLORTERM", locale_ok},
		{"TZ", time_zone_ok},   {"*", not_a_function},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (fnmatch(rules[i].pattern, name, 0) == 0 && !rules[i].ok(value))
			return false;
	}
	return true;
}
