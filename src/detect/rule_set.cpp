#include "detect/rule_set.h"

#include <algorithm>
#include <tuple>

namespace phantom::detect {

namespace {

bool is_message_section(const Section& section) {
    return info(section.buffer).protocol != AppProtocol::kUnknown;
}

// "Application" rules of payload alone look at packets and streams.
bool speaks_of_messages(const Rule& rule) {
    return std::ranges::any_of(rule.sections, is_message_section) ||
           !rule.message_numbers.empty() || rule.asks_events_of_application;
}

bool speaks_of_addresses_only(const Rule& rule) {
    return rule.protocol != RuleProtocol::kPacketHeader && rule.protocol != RuleProtocol::kArp &&
           rule.packet_tests.empty() && rule.events.empty() && rule.sections.empty() &&
           rule.flow.is_empty() && rule.bits.empty() && rule.counters.empty() &&
           rule.stream_sizes.empty() && !rule.detection_filter && !rule.threshold &&
           rule.source_port.is_any() && rule.destination_port.is_any() &&
           rule.protocol != RuleProtocol::kTcpPacket && rule.protocol != RuleProtocol::kTcpStream;
}

const Section* payload_of(const Rule& rule) {
    const auto found = std::ranges::find(rule.sections, BufferId::kPayload, &Section::buffer);
    return found == rule.sections.end() ? nullptr : &*found;
}

// Positions are meant from the beginning of a packet as well as of a stream.
bool has_position(const Section& section) {
    return std::ranges::any_of(section.matches, [](const BufferMatch& match) {
        const auto* content = std::get_if<ContentMatch>(&match);
        return content != nullptr && (content->depth || content->offset || content->starts_with);
    });
}

bool has_negation(const Section& section) {
    return std::ranges::any_of(section.matches, [](const BufferMatch& match) {
        const auto* content = std::get_if<ContentMatch>(&match);
        const auto* regex = std::get_if<RegexMatch>(&match);
        const auto* data = std::get_if<DataAt>(&match);
        return (content != nullptr && (content->negated || content->ends_with)) ||
               (regex != nullptr && regex->negated) || (data != nullptr && data->negated);
    });
}

struct Announcement {
    const Section* section = nullptr;
    const ContentMatch* content = nullptr;
};

// Asked for by "fast_pattern", or else the longest.
Announcement announcement_of(const Rule& rule, bool of_messages) {
    Announcement best;
    const bool optional = std::ranges::any_of(rule.sections, [](const Section& section) {
        return std::ranges::any_of(section.matches, [](const BufferMatch& match) {
            const auto* absent = std::get_if<AbsentMatch>(&match);
            return absent != nullptr && absent->or_else;
        });
    });
    if (optional) {
        return best;
    }
    for (const Section& section : rule.sections) {
        if (is_message_section(section) != of_messages ||
            (!of_messages && section.buffer != BufferId::kPayload)) {
            continue;
        }
        for (const BufferMatch& match : section.matches) {
            const auto* content = std::get_if<ContentMatch>(&match);
            if (content == nullptr || content->negated) {
                continue;
            }
            const bool better = best.content == nullptr ||
                                (content->fast_pattern && !best.content->fast_pattern) ||
                                (content->fast_pattern == best.content->fast_pattern &&
                                 content->pattern.size() > best.content->pattern.size());
            if (better) {
                best = {&section, content};
            }
        }
    }
    return best;
}

bool same_transforms(const std::vector<Transform>& left, const std::vector<Transform>& right) {
    return std::ranges::equal(left, right, [](const Transform& one, const Transform& other) {
        return one.same_as(other);
    });
}

}  // namespace

RuleSet::Added RuleSet::add(
    const std::string& name, std::string_view text, const Variables& variables
) {
    Added added;
    for (const RuleLine& line : rule_lines(text)) {
        if (entries_.size() >= kRulesMax) {
            leave_out(name, line.number, {0, "rule", "there are too many rules"});
            ++added.unusable;
            break;
        }
        auto rule = parse_rule(line.text, variables);
        if (!rule) {
            leave_out(name, line.number, std::move(rule.error()));
            ++added.unusable;
            continue;
        }
        rule->position = entries_.size();
        // The same number again: the later revision holds.
        const auto [same, is_new] = by_number_.try_emplace({rule->gid, rule->sid}, entries_.size());
        if (is_new) {
            entries_.push_back({.rule = std::move(*rule)});
        } else if (rule->revision > entries_[same->second].rule.revision) {
            entries_[same->second].rule = std::move(*rule);
        } else {
            leave_out(name, line.number, {rule->sid, "sid", "another rule has this number"});
            ++added.unusable;
            continue;
        }
        ++added.usable;
    }
    return added;
}

void RuleSet::leave_out(const std::string& file, unsigned line, RuleProblem problem) {
    ++unusable_count_;
    if (unusable_.size() < kUnusableMax) {
        unusable_.push_back({file, line, std::move(problem)});
    }
}

bool RuleSet::has(std::uint64_t rule) const {
    return std::ranges::binary_search(identities_, rule);
}

OrReason<void> RuleSet::finish() {
    // What passes is asked before what drops, and that before what alerts; then by priority.
    std::ranges::sort(entries_, {}, [](const Entry& entry) {
        return std::tuple(entry.rule.action, entry.rule.priority, entry.rule.position);
    });
    inspected_.push_back({});  // the payload is always there
    for (Index index = 0; index < entries_.size(); ++index) {
        Entry& entry = entries_[index];
        for (Section& section : entry.rule.sections) {
            section.inspected = number_of(section);
            used_[static_cast<std::size_t>(section.buffer)] = true;
        }
        for (const MessageNumberTest& test : entry.rule.message_numbers) {
            if (test.number == MessageNumber::kUriSize ||
                test.number == MessageNumber::kUriRawSize) {
                entry.rule.application = AppProtocol::kHttp;
                used_[static_cast<std::size_t>(BufferId::kHttpUri)] = true;
                used_[static_cast<std::size_t>(BufferId::kHttpUriRaw)] = true;
            }
        }
        classify(entry);
        announce(index);
        identities_.push_back(entry.rule.identity);
    }
    std::ranges::sort(identities_);
    return prefilter_.build();
}

std::size_t RuleSet::number_of(const Section& section) {
    const auto found = std::ranges::find_if(inspected_, [&](const InspectedBuffer& each) {
        return each.buffer == section.buffer &&
               same_transforms(each.transforms, section.transforms);
    });
    if (found != inspected_.end()) {
        return static_cast<std::size_t>(found - inspected_.begin());
    }
    inspected_.push_back({section.buffer, section.transforms});
    return inspected_.size() - 1;
}

void RuleSet::classify(Entry& entry) const {
    const Rule& rule = entry.rule;
    if (speaks_of_messages(rule)) {
        entry.kind = Kind::kMessage;
    } else if (speaks_of_addresses_only(rule)) {
        entry.kind = Kind::kAddresses;
    }
    const Section* payload = payload_of(rule);
    const bool over_tcp =
        rule.protocol == RuleProtocol::kTcp || rule.protocol == RuleProtocol::kIp ||
        rule.protocol == RuleProtocol::kTcpStream || rule.protocol == RuleProtocol::kApplication;
    if (payload == nullptr || !over_tcp) {
        return;
    }
    entry.in_streams = !rule.asks_packet && !rule.flow.no_stream;
    entry.in_packets = rule.protocol != RuleProtocol::kTcpStream && !rule.flow.only_stream &&
                       (!entry.in_streams || has_position(*payload));
    entry.waits_for_end = has_negation(*payload);
}

void RuleSet::announce(Index index) {
    Entry& entry = entries_[index];
    const bool of_messages = entry.kind == Kind::kMessage;
    const auto protocol = static_cast<std::size_t>(entry.rule.application);
    const Announcement best = announcement_of(entry.rule, of_messages);
    if (best.content != nullptr) {
        entry.has_prefilter = true;
        const std::string_view pattern = best.content->pattern;
        prefilter_.add(best.section->inspected, pattern.substr(0, kAnnouncedSizeMax), index);
        auto& searched = searched_[protocol];
        const bool known = std::ranges::find(searched, best.section->inspected) != searched.end();
        if (of_messages && !known) {
            searched.push_back(best.section->inspected);
        }
    } else if (of_messages) {
        unannounced_message_[protocol].push_back(index);
    } else {
        unannounced_packet_.push_back(index);
    }
}

}  // namespace phantom::detect
