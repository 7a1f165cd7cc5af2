// The names that every parser may use, written from what they stand for: numbers, addresses (RFC 791,
// RFC 4291), URIs (RFC 3986), dates (RFC 3339, RFC 3164) and the lines of a few well-known programs.

#include <array>

#include "scenario/grok.h"

namespace phantom::scenario {

namespace {

struct StandardGrok {
    std::string_view name;
    const char* text;
};

constexpr auto kTextGroks = std::to_array<StandardGrok>({
    {"DATA", R"(.*?)"},
    {"GREEDYDATA", R"(.*)"},
    {"NOTSPACE", R"(\S+)"},
    {"SPACE", R"(\s*)"},
    {"NOTDQUOTE", R"([^"]*)"},
    {"WORD", R"(\b\w+\b)"},
    {"USERNAME", R"([a-zA-Z0-9._-]+)"},
    {"USER", R"(%{USERNAME})"},
    {"NGUSER", R"([a-zA-Z0-9._@+%-]+)"},
    {"EMAILLOCALPART", R"([a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]+)"},
    {"EMAILADDRESS", R"(%{EMAILLOCALPART}@%{HOSTNAME})"},
    {"HTTPDUSER", R"(%{EMAILADDRESS}|%{USER})"},
    {"QUOTEDSTRING", R"x("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')x"},
    {"QS", R"(%{QUOTEDSTRING})"},
    {"UUID", R"([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"},
    {"LOGLEVEL",
     R"((?i:trace|debug|notice|informational|info|warning|warn|error|err|critical|crit|fatal|severe|emergency|emerg|alert|panic))"
    },

    {"INT", R"([+-]?\d+)"},
    {"POSINT", R"(\b[1-9]\d*\b)"},
    {"NONNEGINT", R"(\b\d+\b)"},
    {"BASE10NUM", R"([+-]?(?:\d+(?:\.\d+)?|\.\d+))"},
    {"NUMBER", R"(%{BASE10NUM})"},
    {"BASE16NUM", R"([+-]?(?:0x)?[0-9A-Fa-f]+)"},
});

constexpr auto kAddressGroks = std::to_array<StandardGrok>({
    {"IPV4",
     R"((?<![0-9])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?![0-9]))"
    },
    // RFC 4291 2.2: eight groups; "::" for some of them; the last two as an IPv4 address.
    {"IPV6", R"((?:(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4})"
             R"(|(?:[0-9A-Fa-f]{1,4}:){6}%{IPV4})"
             R"(|(?:[0-9A-Fa-f]{1,4}:){1,5}:%{IPV4})"
             R"(|::(?:[0-9A-Fa-f]{1,4}:){0,5}%{IPV4})"
             R"(|(?:[0-9A-Fa-f]{1,4}:){1}(?::[0-9A-Fa-f]{1,4}){1,6})"
             R"(|(?:[0-9A-Fa-f]{1,4}:){2}(?::[0-9A-Fa-f]{1,4}){1,5})"
             R"(|(?:[0-9A-Fa-f]{1,4}:){3}(?::[0-9A-Fa-f]{1,4}){1,4})"
             R"(|(?:[0-9A-Fa-f]{1,4}:){4}(?::[0-9A-Fa-f]{1,4}){1,3})"
             R"(|(?:[0-9A-Fa-f]{1,4}:){5}(?::[0-9A-Fa-f]{1,4}){1,2})"
             R"(|(?:[0-9A-Fa-f]{1,4}:){6}:[0-9A-Fa-f]{1,4})"
             R"(|(?:[0-9A-Fa-f]{1,4}:){1,7}:)"
             R"(|:(?::[0-9A-Fa-f]{1,4}){1,7})"
             R"(|::))(?:%[0-9A-Za-z.]+)?)"},
    {"IP", R"((?:%{IPV6}|%{IPV4}))"},
    {"HOSTNAME",
     R"(\b[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62})(?:\.[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}))*\.?)"},
    {"HOST", R"(%{HOSTNAME})"},
    {"IPORHOST", R"((?:%{IP}|%{HOSTNAME}))"},
    {"HOSTPORT", R"(%{IPORHOST}:%{POSINT})"},
    {"MAC", R"((?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})"},

    {"PATH", R"((?:/[^\s:*?"<>|]*)+)"},
    {"URIPROTO", R"([A-Za-z][A-Za-z0-9+.-]*)"},
    {"URIHOST", R"(%{IPORHOST}(?::%{POSINT})?)"},
    {"URIPATH", R"((?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_\-]*)+)"},
    {"URIPARAM", R"(\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\-\[\]<>]*)"},
    {"URIPATHPARAM", R"(%{URIPATH}(?:%{URIPARAM})?)"},
    {"URI", R"(%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?)"},
});

constexpr auto kDateGroks = std::to_array<StandardGrok>({
    {"MONTH",
     R"(\b(?:[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|[Mm]ar(?:ch)?|[Aa]pr(?:il)?|[Mm]ay|[Jj]une?|[Jj]uly?|[Aa]ug(?:ust)?|[Ss]ep(?:tember)?|[Oo]ct(?:ober)?|[Nn]ov(?:ember)?|[Dd]ec(?:ember)?)\b)"
    },
    {"MONTHNUM", R"(0?[1-9]|1[0-2])"},
    {"MONTHNUM2", R"(0[1-9]|1[0-2])"},
    {"MONTHDAY", R"(0[1-9]|[12]\d|3[01]|[1-9])"},
    {"DAY2", R"(0[1-9]|[12]\d|3[01])"},
    {"DAY",
     R"((?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?))"
    },
    {"YEAR", R"(\d{4}|\d{2})"},
    {"HOUR", R"(2[0-3]|[01]?\d)"},
    {"MINUTE", R"([0-5]\d)"},
    // RFC 3339: 60 is a leap second.
    {"SECOND", R"((?:[0-5]?\d|60)(?:[:.,]\d+)?)"},
    {"TIME", R"((?<!\d)%{HOUR}:%{MINUTE}(?::%{SECOND})(?!\d))"},
    {"TZ", R"([A-Z]{3,4})"},
    {"ISO8601_TIMEZONE", R"(Z|[+-]%{HOUR}:?%{MINUTE})"},
    {"DATE_US", R"(%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR})"},
    {"DATE_EU", R"(%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR})"},
    {"DATE_X", R"(%{YEAR}/%{MONTHNUM2}/%{MONTHDAY})"},
    {"DATE_YMD", R"(%{YEAR}-%{MONTHNUM}-%{MONTHDAY})"},
    {"DATE", R"(%{DATE_US}|%{DATE_EU}|%{DATE_X})"},
    {"DATESTAMP", R"((?:%{DATE}|%{DATE_YMD})[- ]%{TIME})"},
    {"TIMESTAMP_ISO8601",
     R"(%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?)"
    },
    {"RFC3339",
     R"(\d{4}-%{MONTHNUM2}-%{DAY2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2}))"},
    {"HTTPDATE", R"(%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT})"},
    {"HTTPDERROR_DATE", R"(%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR})"},
    {"APACHEERRORTIME", R"(%{HTTPDERROR_DATE})"},
    {"NGINXERRTIME", R"(%{YEAR}/%{MONTHNUM2}/%{DAY2} %{HOUR}:%{MINUTE}:%{SECOND})"},
    {"EXIM_DATE", R"(%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{TIME})"},
    {"HAPROXYDATE",
     R"(%{MONTHDAY:haproxy_monthday}/%{MONTH:haproxy_month}/%{YEAR:haproxy_year}:%{HOUR:haproxy_hour}:%{MINUTE:haproxy_minute}:%{SECOND:haproxy_second})"
    },
});

constexpr auto kProgramGroks = std::to_array<StandardGrok>({
    // RFC 3164, 4.1.2; RFC 3339 in place of its date is common.
    {"SYSLOGTIMESTAMP", R"(%{MONTH} +%{MONTHDAY} %{TIME})"},
    {"SYSLOGFACILITY", R"(<%{NONNEGINT:facility}\.%{NONNEGINT:priority}>)"},
    {"SYSLOGHOST", R"(%{IPORHOST})"},
    {"PROG", R"([!-Z\\^-~]+)"},
    {"SYSLOGPROG", R"(%{PROG:program}(?:\[%{POSINT:pid}\])?)"},
    {"SYSLOGBASE2",
     R"((?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource}(?: %{SYSLOGPROG}:|))"
    },
    {"SYSLOGLINE", R"(%{SYSLOGBASE2} %{GREEDYDATA:message})"},

    {"COMMONAPACHELOG",
     R"x(%{IPORHOST:clientip} %{HTTPDUSER:ident} %{HTTPDUSER:auth} \[%{HTTPDATE:timestamp}\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" (?:%{NUMBER:response}|-) (?:%{NUMBER:bytes}|-))x"
    },
    {"HTTPD_ERRORLOG",
     R"(\[%{HTTPDERROR_DATE:timestamp}\] \[(?:%{WORD:module})?:%{LOGLEVEL:loglevel}\] \[pid %{POSINT:pid}(?::tid %{NUMBER:tid})?\](?: \(%{POSINT:proxy_errorcode}\)%{DATA:proxy_errormessage}:)?(?: \[(?:client|remote) %{IPORHOST:client}:%{POSINT:clientport}\])?(?: %{DATA:errorcode}:)? %{GREEDYDATA:message})"
    },
    {"HAPROXYCAPTUREDREQUESTHEADERS", R"(%{DATA:captured_request_headers})"},
    {"HAPROXYCAPTUREDRESPONSEHEADERS", R"(%{DATA:captured_response_headers})"},

    // What OpenSSH's auth.c, packet.c and sshd.c say.
    {"SSHD_FAIL",
     R"(Failed [a-zA-Z/-]+ for (?:invalid user )?%{USERNAME:sshd_invalid_user}? ?from %{IP:sshd_client_ip} port \d+(?: ssh2)?)"
    },
    {"SSHD_USER_FAIL",
     R"(Failed password for (?:invalid user )?%{USERNAME:sshd_invalid_user} from %{IP:sshd_client_ip} port \d+ ssh2)"
    },
    {"SSHD_DISC_PREAUTH", R"(Disconnected from %{IP:sshd_client_ip} port \d+ \[preauth\])"},
    {"SSHD_BAD_VERSION",
     R"(Bad protocol version identification '.*' from %{IP:sshd_client_ip}(?: port \d+)?)"},
    {"SMB_AUTH_FAIL",
     R"(Auth:.* user \[%{DATA:smb_domain}\]\\\[%{DATA:user}\].* status \[NT_STATUS_NO_SUCH_USER\].* remote host \[ipv4:%{IP:ip_source})"
    },
    {"COWRIE_NEW_CO",
     R"(New connection: %{IP:source_ip}:\d+ \(%{IP:dest_ip}:%{INT:dest_port}\) \[session: %{WORD:telnet_session}\])"
    },
    {"TCPDUMP_OUTPUT",
     R"(%{TIME:timestamp} IP6? %{IP:source_ip}\.%{INT:source_port} > %{IP:dest_ip}\.%{INT:dest_port}: Flags \[%{DATA:tcpflags}\])"
    },
    // NAXSI_FMT: and NAXSI_EXLOG: lines are arguments of a URI.
    {"NAXSI_EXLOG",
     R"(NAXSI_EXLOG: ip=%{IPORHOST:naxsi_src_ip}&server=%{IPORHOST:target_ip}&uri=%{PATH:http_path}&id=%{INT:naxsi_id}&zone=%{WORD:naxsi_zone}&var_name=%{DATA:naxsi_var_name}&content=)"
    },
});

}  // namespace

const std::string* standard_grok(std::string_view name) {
    static const std::map<std::string, std::string, std::less<>> known = [] {
        std::map<std::string, std::string, std::less<>> all;
        const auto take = [&all](const auto& table) {
            for (const StandardGrok& each : table) {
                all.emplace(each.name, each.text);
            }
        };
        take(kTextGroks);
        take(kAddressGroks);
        take(kDateGroks);
        take(kProgramGroks);
        return all;
    }();
    const auto found = known.find(name);
    return found != known.end() ? &found->second : nullptr;
}

}  // namespace phantom::scenario
