#pragma once

// The words of the language: services, and selectors as far as they explain themselves.

#include <expected>
#include <string>
#include <string_view>

#include "policy/document.h"

namespace phantom::policy {

// The sentence says what would be right.
template <class T>
using OrSentence = std::expected<T, std::string>;

[[nodiscard]] OrSentence<Service> parse_service(std::string_view text);
// Groups, tags and hosts are not looked up: what is none of the others is a node, or a host.
[[nodiscard]] OrSentence<Selector> parse_selector(std::string_view text);
// "tag:db:5432", "birch:udp:53", "[fd00::1]:tcp:22", "birch:icmp": the selector's text and the service.
[[nodiscard]] OrSentence<std::pair<std::string_view, Service>> split_target(std::string_view text);

[[nodiscard]] bool is_label(std::string_view text);

}  // namespace phantom::policy
