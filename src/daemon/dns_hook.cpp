#include "daemon/dns_hook.h"

#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "io/command.h"
#include "names/resolv_conf.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kStateFile = "dns.json";
constexpr const char* kOriginalFile = "resolv.conf.original";
constexpr std::size_t kStateSizeMax = 2 * names::kResolvConfSizeMax;
constexpr mode_t kReadableMode = 0644;
constexpr std::array<std::string_view, 3> kKinds{"none", "systemd-resolved", "resolv.conf"};

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text_of(const crypto::SecretBytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.view().data()), bytes.view().size()};
}

}  // namespace

std::string_view text_of(DnsHook::Kind kind) {
    return kKinds.at(static_cast<std::size_t>(kind));
}

DnsHook::DnsHook(identity::StateDirectory& files, Options options)
    : files_(files), options_(std::move(options)) {
    load();
}

void DnsHook::set_wanted(bool wanted) {
    wanted_ = wanted;
    if (const auto problem = save()) {
        log::error("dns: {}", *problem);
    }
}

// ---- What outlives us ---------------------------------------------------------------------------

void DnsHook::load() {
    if (!files_.has(kStateFile)) {
        return;
    }
    try {
        const auto state = json::parse(text_of(files_.read(kStateFile, kStateSizeMax).value()));
        wanted_ = state.at("wanted").as_bool();
        const auto kind = std::ranges::find(kKinds, std::string_view(state.at("hook").as_string()));
        kind_ = kind == kKinds.end() ? Kind::kNone : static_cast<Kind>(kind - kKinds.begin());
        if (kind_ != Kind::kResolvConf) {
            return;
        }
        path_ = state.at("path").as_string().c_str();
        written_ = state.at("written").as_string().c_str();
        original_.kind = static_cast<FileImage::Kind>(state.at("original").as_int64());
        original_.target = state.at("target").as_string().c_str();
        original_.mode = static_cast<mode_t>(state.at("mode").as_int64());
        original_.owner = static_cast<uid_t>(state.at("owner").as_int64());
        original_.group = static_cast<gid_t>(state.at("group").as_int64());
        original_.content = text_of(files_.read(kOriginalFile, names::kResolvConfSizeMax).value());
    } catch (const std::exception& error) {
        log::error("dns: {}: {}", files_.path_of(kStateFile).string(), error.what());
        kind_ = Kind::kNone;
    }
}

std::optional<std::string> DnsHook::save() {
    const json::object state{
        {"wanted", wanted_},
        {"hook", phantom::daemon::text_of(kind_)},
        {"path", path_},
        {"written", written_},
        {"original", static_cast<std::int64_t>(original_.kind)},
        {"target", original_.target},
        {"mode", original_.mode},
        {"owner", original_.owner},
        {"group", original_.group},
    };
    // The original first: dns.json says that it is there.
    if (kind_ == Kind::kResolvConf) {
        if (const auto saved = files_.write(kOriginalFile, bytes_of(original_.content)); !saved) {
            return saved.error().message();
        }
    }
    const auto saved = files_.write(kStateFile, bytes_of(json::serialize(state)));
    return saved ? std::nullopt : std::optional(saved.error().message());
}

// ---- On -----------------------------------------------------------------------------------------

OrSentence<std::vector<wire::SocketAddress>> DnsHook::engage(const wire::Address& server) {
    auto current = read_image(options_.resolv_conf, names::kResolvConfSizeMax);
    if (!current) {
        return std::unexpected(std::move(current.error()));
    }
    const bool go_on =
        kind_ == Kind::kResolvConf && path_ == options_.resolv_conf && is_ours(*current);
    if (!go_on) {
        original_ = std::move(*current);
    }
    const names::ResolvConf before = names::parse_resolv_conf(original_.content);
    if (!go_on && before.asks_resolved() && ask_resolved(server)) {
        kind_ = Kind::kResolved;
        if (auto problem = save()) {
            return std::unexpected(std::move(*problem));
        }
        return {};
    }
    if (auto problem = change_file(server)) {
        return std::unexpected(std::move(*problem));
    }
    return before.servers;
}

bool DnsHook::ask_resolved(const wire::Address& server) const {
    const std::string& interface = options_.interface;
    if (!io::run_command({"resolvectl", "dns", interface, server.to_string()}) ||
        !io::run_command({"resolvectl", "domain", interface, "~mesh"})) {
        return false;
    }
    // .mesh is signed by nobody. An old resolvectl may not know the word.
    (void)io::run_command({"resolvectl", "dnssec", interface, "no"});
    return true;
}

std::optional<std::string> DnsHook::change_file(const wire::Address& server) {
    kind_ = Kind::kResolvConf;
    path_ = options_.resolv_conf;
    written_ = names::resolv_conf_asking(server, names::parse_resolv_conf(original_.content));
    if (auto problem = save()) {
        kind_ = Kind::kNone;
        return problem;
    }
    FileImage ours = original_;
    ours.content = written_;
    if (original_.kind != FileImage::Kind::kFile) {
        ours.kind = FileImage::Kind::kFile;
        ours.mode = kReadableMode;
    }
    auto problem = put_image(path_, ours);
    if (problem) {
        kind_ = Kind::kNone;
        (void)save();
    }
    return problem;
}

// ---- Off ----------------------------------------------------------------------------------------

bool DnsHook::is_ours(const FileImage& image) const {
    return image.kind == FileImage::Kind::kFile && image.content == written_;
}

std::optional<std::string> DnsHook::release() {
    std::optional<std::string> problem;
    if (kind_ == Kind::kResolved &&
        !io::run_command({"resolvectl", "revert", options_.interface})) {
        problem = "resolvectl revert failed; the interface's end undoes it as well";
    }
    if (kind_ == Kind::kResolvConf) {
        const auto current = read_image(path_, names::kResolvConfSizeMax);
        if (!current) {
            return current.error();
        }
        if (is_ours(*current)) {
            problem = put_image(path_, original_);
            if (problem) {
                return problem;  // still to be undone
            }
        } else if (*current != original_) {
            problem = fmt::format(
                "{} was changed by somebody else since, and stays as it is; what stood there is in "
                "{}",
                path_, files_.path_of(kOriginalFile).string()
            );
        }
    }
    kind_ = Kind::kNone;
    if (auto unsaved = save()) {
        return unsaved;
    }
    return problem;
}

}  // namespace phantom::daemon
