#include "scenario/sigma_log.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/assert.h"
#include "scenario/sigma_fields.h"
#include "scenario/syslog_line.h"

namespace phantom::scenario {

namespace {

using NamePair = std::pair<std::string_view, std::string_view>;

// What Sigma's rules call what Zeek and Suricata see.
constexpr auto kProxyNames = std::to_array<NamePair>({
    {"method", "cs-method"},
    {"http.http_method", "cs-method"},
    {"host", "cs-host"},
    {"http.hostname", "cs-host"},
    {"uri", "c-uri"},
    {"http.url", "c-uri"},
    {"uri", "cs-uri-query"},
    {"http.url", "cs-uri-query"},
    {"user_agent", "c-useragent"},
    {"http.http_user_agent", "c-useragent"},
    {"user_agent", "cs-user-agent"},
    {"http.http_user_agent", "cs-user-agent"},
    {"referrer", "cs-referer"},
    {"http.http_refer", "cs-referer"},
    {"status_code", "sc-status"},
    {"http.status", "sc-status"},
});
constexpr auto kDnsNames = std::to_array<NamePair>({
    {"dns.rrname", "query"},
    {"dns.rrtype", "record_type"},
    {"qtype_name", "record_type"},
    {"answers", "answer"},
    {"dns.answers.rdata", "answer"},
});
constexpr auto kConnectionNames = std::to_array<NamePair>({
    {"id.orig_h", "src_ip"},
    {"id.orig_p", "src_port"},
    {"id.resp_h", "dst_ip"},
    {"id.resp_p", "dst_port"},
    {"dest_ip", "dst_ip"},
    {"dest_port", "dst_port"},
});

void add_names(SigmaRecord& record, std::span<const NamePair> names) {
    for (const auto& [from, to] : names) {
        rename_field(record, from, to);
    }
}

SigmaRecord record_of(std::string_view line) {
    SigmaRecord record;
    record.line = {.name = "", .value = std::string(line), .folded = folded(line)};
    return record;
}

std::vector<SigmaRecord> only(SigmaRecord record) {
    std::vector<SigmaRecord> all;
    all.push_back(std::move(record));
    return all;
}

std::string value_or_nothing(const SigmaRecord& record, std::string_view name) {
    const SigmaField* field = record.find(name);
    return field == nullptr ? "" : field->value;
}

// auditd writes what has a space or a quote in it as hexadecimal digits, without quotes.
std::string without_hex(const std::string& value) {
    const auto digit = [](char each) {
        return each >= '0' && each <= '9'   ? each - '0'
               : each >= 'A' && each <= 'F' ? each - 'A' + 10
                                            : -1;
    };
    const bool is_hex = value.size() >= 2 && value.size() % 2 == 0 &&
                        std::ranges::all_of(value, [&](char each) { return digit(each) >= 0; });
    if (!is_hex) {
        return value;
    }
    std::string bytes;
    for (std::size_t at = 0; at < value.size(); at += 2) {
        const int byte = digit(value[at]) * 16 + digit(value[at + 1]);
        // What separates arguments in PROCTITLE.
        bytes += byte == 0 ? ' ' : static_cast<char>(byte);
    }
    return bytes;
}

bool may_be_hex(std::string_view name) {
    const bool is_argument = name.size() >= 2 && name[0] == 'a' && name[1] >= '0' && name[1] <= '9';
    return is_argument || name == "proctitle" || name == "name" || name == "cwd" || name == "data";
}

void decode_hex(std::string_view line, SigmaRecord& record) {
    // The arguments of a system call are numbers.
    const bool is_call = value_or_nothing(record, "type") == "SYSCALL";
    for (SigmaField& each : record.fields) {
        const bool is_quoted = line.find(fmt::format("{}=\"", each.name)) != std::string_view::npos;
        if (may_be_hex(each.name) && !is_quoted && !is_call) {
            each.value = without_hex(each.value);
            each.folded = folded(each.value);
        }
    }
}

std::string command_line_of(const SigmaRecord& record) {
    std::string command;
    for (unsigned number = 0; number < kSigmaFieldsMax; ++number) {
        const SigmaField* argument = record.find(fmt::format("a{}", number));
        if (argument == nullptr) {
            break;
        }
        command += (number == 0 ? "" : " ") + argument->value;
    }
    return command;
}

std::string service_of(std::string_view program) {
    const std::string name = folded(program);
    if (name == "crond" || name == "cron") {
        return "cron";
    }
    if (name == "clamd" || name == "freshclam" || name == "clamscan") {
        return "clamav";
    }
    return name == "guacd" ? "guacamole" : name;
}

// "Failed password for NAME from ADDRESS port 1 ssh2": the name is of whoever asks, and may hold "from" and
// an address of its own; the last one is the daemon's.
void add_ssh_client(std::string_view message, SigmaRecord& record) {
    constexpr std::string_view kFrom = " from ";
    const std::size_t at = message.rfind(kFrom);
    if (at == std::string_view::npos) {
        return;
    }
    const std::string_view rest = message.substr(at + kFrom.size());
    const std::string_view word = rest.substr(0, std::min(rest.find(' '), rest.size()));
    if (wire::Address::parse(word).has_value()) {
        record.add("src_ip", word);
    }
}

// Of a program that writes to syslog: by its own service, and by that of the log itself.
void add_linux_sources(std::string_view program, SigmaRecord& record) {
    record.sources = {
        {.category = "", .product = "linux", .service = "syslog"},
        {.category = "", .product = "linux", .service = "auth"},
        {.category = "", .product = "linux", .service = service_of(program)},
    };
}

}  // namespace

const std::vector<SigmaLog::Kind>& SigmaLog::kinds() {
    static const std::vector<Kind> all{
        {"auditd", &SigmaLog::read_auditd},    {"syslog", &SigmaLog::read_syslog_line},
        {"journald", &SigmaLog::read_journal}, {"nginx", &SigmaLog::read_web},
        {"apache", &SigmaLog::read_web},       {"zeek", &SigmaLog::read_zeek},
        {"eve", &SigmaLog::read_eve},          {"json", &SigmaLog::read_json},
        {"pairs", &SigmaLog::read_pairs},
    };
    return all;
}

const std::vector<std::string_view>& SigmaLog::types() {
    static const std::vector<std::string_view> all_names = [] {
        std::vector<std::string_view> names;
        for (const Kind& each : kinds()) {
            names.push_back(each.name);
        }
        return names;
    }();
    return all_names;
}

SigmaLog::SigmaLog(Options options) : options_(std::move(options)) {
    const auto found = std::ranges::find(kinds(), options_.type, &Kind::name);
    PM_ASSERT(found != kinds().end());
    reader_ = found->read;
}

std::vector<SigmaRecord> SigmaLog::read(std::string_view line) {
    std::vector<SigmaRecord> records = (this->*reader_)(line);
    if (options_.source != LogSource{}) {
        for (SigmaRecord& each : records) {
            each.sources = {options_.source};
        }
    }
    return records;
}

std::vector<SigmaRecord> SigmaLog::read_auditd(std::string_view line) {
    SigmaRecord record = record_of(line);
    add_pairs(line, record);
    if (record.find("type") == nullptr) {
        return {};
    }
    decode_hex(line, record);
    record.sources = {{.category = "", .product = "linux", .service = "auditd"}};
    std::vector<SigmaRecord> records;
    records.push_back(std::move(record));
    add_processes(SigmaRecord(records.front()), records);
    return records;
}

// What auditd tells in several lines of one event, as the categories know it.
void SigmaLog::add_processes(const SigmaRecord& of, std::vector<SigmaRecord>& records) {
    const std::string type = value_or_nothing(of, "type");
    const std::string event = value_or_nothing(of, "msg");
    if (type == "SYSCALL") {
        call_ = {
            .event = event,
            .program = value_or_nothing(of, "exe"),
            .user = value_or_nothing(of, "auid"),
        };
        return;
    }
    if (event.empty() || event != call_.event) {
        return;
    }
    SigmaRecord record;
    record.line = of.line;
    record.add("Image", call_.program);
    record.add("User", call_.user);
    if (type == "EXECVE") {
        record.add("CommandLine", command_line_of(of));
        record.sources = {{.category = "process_creation", .product = "linux", .service = ""}};
        records.push_back(std::move(record));
    } else if (type == "PATH" && value_or_nothing(of, "nametype") == "CREATE") {
        record.add("TargetFilename", value_or_nothing(of, "name"));
        record.sources = {{.category = "file_event", .product = "linux", .service = ""}};
        records.push_back(std::move(record));
    }
}

std::vector<SigmaRecord> SigmaLog::read_syslog_line(std::string_view line) {
    SigmaRecord record = record_of(line);
    const SyslogLine parts = read_syslog(line);
    record.add("host", parts.host);
    record.add("program", parts.program);
    record.add("pid", parts.process);
    record.add("message", parts.message);
    add_pairs(parts.message, record);  // PAM and sudo write rhost=... TTY=...
    if (parts.program == "sshd") {
        add_ssh_client(parts.message, record);
    }
    add_linux_sources(parts.program, record);
    return only(std::move(record));
}

std::vector<SigmaRecord> SigmaLog::read_journal(std::string_view line) {
    SigmaRecord record = record_of(line);
    if (!add_json(line, record)) {
        return {};
    }
    const std::string message = value_or_nothing(record, "MESSAGE");
    std::string program = value_or_nothing(record, "SYSLOG_IDENTIFIER");
    program = program.empty() ? value_or_nothing(record, "_COMM") : program;
    record.line = {.name = "", .value = message, .folded = folded(message)};
    record.add("message", message);
    record.add("program", program);
    add_pairs(message, record);
    if (program == "sshd") {
        add_ssh_client(message, record);
    }
    add_linux_sources(program, record);
    return only(std::move(record));
}

// Access and error logs: the second have no fields, and are looked at by keywords.
std::vector<SigmaRecord> SigmaLog::read_web(std::string_view line) {
    SigmaRecord record = record_of(line);
    record.sources = {{.category = "", .product = "", .service = options_.type}};
    if (add_access(line, record)) {
        record.sources.push_back(
            {.category = "webserver", .product = options_.type, .service = options_.type}
        );
    }
    return only(std::move(record));
}

std::vector<SigmaRecord> SigmaLog::read_zeek(std::string_view line) {
    SigmaRecord record = record_of(line);
    if (!add_json(line, record)) {
        return {};
    }
    const std::string path = value_or_nothing(record, "_path");
    record.sources = {{.category = "", .product = "zeek", .service = path}};
    const auto is_also = [&](const char* category) {
        record.sources.push_back({.category = category, .product = "zeek", .service = path});
    };
    if (path == "http") {
        add_names(record, kProxyNames);
        is_also("proxy");
        is_also("webserver");
    } else if (path == "dns") {
        add_names(record, kDnsNames);
        is_also("dns");
    } else if (path == "conn") {
        add_names(record, kConnectionNames);
        is_also("firewall");
    }
    return only(std::move(record));
}

std::vector<SigmaRecord> SigmaLog::read_eve(std::string_view line) {
    SigmaRecord record = record_of(line);
    if (!add_json(line, record)) {
        return {};
    }
    const std::string type = value_or_nothing(record, "event_type");
    record.sources = {{.category = "", .product = "suricata", .service = type}};
    const auto is_also = [&](const char* category) {
        record.sources.push_back({.category = category, .product = "suricata", .service = type});
    };
    add_names(record, kConnectionNames);
    if (type == "http") {
        add_names(record, kProxyNames);
        is_also("proxy");
        is_also("webserver");
    } else if (type == "dns") {
        add_names(record, kDnsNames);
        is_also("dns");
    } else if (type == "flow") {
        is_also("firewall");
    }
    return only(std::move(record));
}

std::vector<SigmaRecord> SigmaLog::read_json(std::string_view line) {
    SigmaRecord record = record_of(line);
    if (!add_json(line, record)) {
        return {};
    }
    record.sources = {{}};
    return only(std::move(record));
}

std::vector<SigmaRecord> SigmaLog::read_pairs(std::string_view line) {
    SigmaRecord record = record_of(line);
    add_pairs(line, record);
    if (record.fields.empty()) {
        return {};
    }
    record.sources = {{}};
    return only(std::move(record));
}

}  // namespace phantom::scenario
