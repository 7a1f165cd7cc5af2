#include "api/event_ring.h"

#include <charconv>

#include <fmt/format.h>

namespace phantom::api {

std::string EventRing::id_of(std::uint64_t position) const {
    return fmt::format("{}-{}", epoch_, position);
}

bool EventRing::add(std::string_view type, std::string_view data) {
    const bool is_object = data.size() >= 2 && data.front() == '{' && data.back() == '}';
    if (!is_object || data.size() > kEventSizeMax || data.find('\n') != std::string_view::npos) {
        return false;
    }
    data.remove_prefix(1);
    events_.push_back(fmt::format(
        "id: {0}\nevent: {1}\ndata: {{\"id\":\"{0}\"{2}{3}\n\n", id_of(end()), type,
        data == "}" ? "" : ",", data
    ));
    bytes_ += events_.back().size();
    while (events_.size() > kEventsKept || bytes_ > kEventBytesKept) {
        bytes_ -= events_.front().size();
        events_.pop_front();
        ++first_;
    }
    return true;
}

std::optional<std::uint64_t> EventRing::after(std::string_view last_event_id) const {
    const std::size_t dash = last_event_id.rfind('-');
    if (dash == std::string_view::npos || last_event_id.substr(0, dash) != epoch_) {
        return std::nullopt;
    }
    const std::string_view digits = last_event_id.substr(dash + 1);
    std::uint64_t position = 0;
    const auto [at, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), position);
    const bool is_ours = problem == std::errc{} && at == digits.data() + digits.size() &&
                         position + 1 >= first_ && position < end();
    return is_ours ? std::optional(position + 1) : std::nullopt;
}

EventRing::Piece EventRing::read(std::uint64_t position, std::size_t size_max) const {
    Piece piece{.text = {}, .next = position};
    if (position < first_) {
        piece.text = reset_text();
        piece.next = end();
        return piece;
    }
    while (piece.next < end() && piece.text.size() < size_max) {
        piece.text += events_[piece.next - first_];
        ++piece.next;
    }
    return piece;
}

std::string EventRing::reset_text() const {
    return fmt::format("id: {}\nevent: reset\ndata: {{}}\n\n", id_of(end() - 1));
}

}  // namespace phantom::api
