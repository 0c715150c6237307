# A -> B -> C, where B is Apache with CGI scripts that run curl and wget, under both of its ways to
# start them.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() {
    chain_test
    need apache2 apache2
}
teardown() { b_stop; }

# apache_b MPM CGI-MODULE: CGI scripts see of the environment what Apache is told to pass on.
apache_b() {
    local modules=/usr/lib/apache2/modules
    mkdir -p "$T/cgi"
    cp "$DATA"/*.cgi "$T/cgi"
    chmod 755 "$T"/cgi/*
    # Apache's workers run as another user.
    local up="$T"
    while [[ $(id -u) == 0 && $up != / && $up != /tmp ]]; do
        chmod o+x "$up"
        up=$(dirname "$up")
    done
    cat >"$T/apache.conf" <<CONF
ServerRoot $T
ServerName b.test
Listen 127.0.0.1:$B_PORT
PidFile $T/apache.pid
ErrorLog $T/apache.error
DefaultRuntimeDir $T
LoadModule mpm_$1_module $modules/mod_mpm_$1.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule env_module $modules/mod_env.so
LoadModule alias_module $modules/mod_alias.so
LoadModule $2_module $modules/mod_$2.so
ScriptSock $T/cgisock
PassEnv LD_PRELOAD BELLHOP_CONFIG C_URL
ScriptAlias /back $T/cgi/curl.cgi/back
ScriptAlias /wget $T/cgi/wget.cgi/back
CONF
    [[ $2 == cgid ]] || sed -i /^ScriptSock/d "$T/apache.conf"
    b_start apache2 -DFOREGROUND -f "$T/apache.conf"
}

scripts_keep() {
    load_b n=120
    all_kept
    load_b mode=post n=60
    all_kept
    load_b size=4096 n=60
    all_kept
    load_b path=/wget/ n=60
    all_kept
}

@test "apache's prefork and mod_cgi" {
    apache_b prefork cgi
    scripts_keep
}

@test "apache's prefork and mod_cgid" {
    apache_b prefork cgid
    scripts_keep
}

@test "apache's worker and mod_cgid" {
    apache_b worker cgid
    scripts_keep
}
