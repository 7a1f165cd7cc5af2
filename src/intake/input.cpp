#include "intake/input.h"

#include "base/assert.h"

namespace phantom::intake {

namespace {

std::variant<Tail, Journal, SyslogSocket> source_of(const InputConfig& config, const Place& place) {
    using Source = std::variant<Tail, Journal, SyslogSocket>;
    switch (config.kind) {
        case InputConfig::Kind::kJournal:
            return Source(std::in_place_type<Journal>, config.from, place.cursor);
        case InputConfig::Kind::kSyslog: {
            const auto listen = ListenAddress::parse(config.from);
            PM_ASSERT(listen.has_value());  // the configuration was checked
            return Source(std::in_place_type<SyslogSocket>, *listen);
        }
        case InputConfig::Kind::kFile:
            break;
    }
    return Source(
        std::in_place_type<Tail>, config.from, place.tail,
        config.from_start ? Tail::Begin::kAtStart : Tail::Begin::kAtEnd
    );
}

}  // namespace

Input::Input(
    const InputConfig& config, const Place& place, scenario::Engine& engine,
    scenario::SigmaRules& rules
)
    : config_(config),
      name_(config.name()),
      source_(source_of(config, place)),
      analyst_(config, engine, rules) {}

bool Input::read(std::size_t size_max, Analyst::Time now, const Analyst::Sink& sink) {
    const auto line = [&](std::string_view text) { analyst_.line(text, now, sink); };
    if (auto* tail = std::get_if<Tail>(&source_)) {
        return tail->read(size_max, now.monotonic, line);
    }
    if (auto* journal = std::get_if<Journal>(&source_)) {
        return journal->read(size_max, now.monotonic, line);
    }
    return std::get<SyslogSocket>(source_).read(size_max, line);
}

std::vector<int> Input::fds() const {
    if (const auto* journal = std::get_if<Journal>(&source_)) {
        return journal->fd() < 0 ? std::vector<int>() : std::vector{journal->fd()};
    }
    const auto* socket = std::get_if<SyslogSocket>(&source_);
    return socket == nullptr ? std::vector<int>() : socket->fds();
}

std::string Input::path() const {
    return std::holds_alternative<Tail>(source_) ? config_.from : "";
}

Place Input::place() const {
    if (const auto* tail = std::get_if<Tail>(&source_)) {
        return {.tail = tail->position(), .cursor = ""};
    }
    const auto* journal = std::get_if<Journal>(&source_);
    return {.tail = {}, .cursor = journal == nullptr ? "" : journal->cursor()};
}

InputStatus Input::status(Instant now) const {
    InputStatus status;
    status.name = name_;
    status.type = config_.type;
    status.lines = analyst_.lines();
    status.sightings = analyst_.sightings();
    if (const auto* tail = std::get_if<Tail>(&source_)) {
        status.too_long = tail->too_long();
        status.bytes_behind = tail->behind();
        status.bytes_skipped = tail->bytes_skipped();
        status.rotations = tail->rotations();
        status.truncations = tail->truncations();
        status.behind_for = tail->behind() == 0 || tail->caught_up().is_never()
                                ? Duration{}
                                : now - tail->caught_up();
        status.trouble = tail->trouble();
    } else if (const auto* journal = std::get_if<Journal>(&source_)) {
        status.too_long = journal->too_long();
        status.trouble = journal->trouble();
    } else {
        const auto& socket = std::get<SyslogSocket>(source_);
        status.too_long = socket.too_long();
        status.refused = socket.refused();
        status.trouble = socket.trouble();
    }
    return status;
}

}  // namespace phantom::intake
