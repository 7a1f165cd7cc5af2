#include "policy/questions.h"

#include <algorithm>

#include <fmt/format.h>

#include "policy/names.h"

namespace phantom::policy {

namespace {

// 0.0.0.0/8 means "this host on this network" (RFC 6890): no member has such an address.
wire::Address made_up_address(std::size_t number) {
    std::array<std::uint8_t, 4> bytes{};
    store_be<std::uint32_t>(bytes.data(), static_cast<std::uint32_t>(number + 1));
    return wire::Address::v4(bytes.data());
}

std::uint8_t protocol_of(const Service& service, wire::Family family) {
    switch (service.protocol) {
        case Protocol::kTcp:
            return wire::kProtocolTcp;
        case Protocol::kUdp:
            return wire::kProtocolUdp;
        case Protocol::kIcmp:
        case Protocol::kAny:
            break;
    }
    return family == wire::Family::kV6 ? kProtocolIcmpV6 : kProtocolIcmp;
}

Flow flow_of(
    const wire::Address& source, const wire::Address& destination, const Service& service
) {
    return {
        .source = source,
        .destination = destination,
        .destination_port =
            service.protocol == Protocol::kIcmp ? std::uint16_t{0} : service.port_first,
        .protocol = protocol_of(service, destination.family),
    };
}

// The members of a policy's tests, with those made up where a selector means nobody.
class Cast {
  public:
    Cast(const Document& document, std::vector<Member> members)
        : document_(document), members_(std::move(members)) {
        for (const Test& test : document.tests) {
            invite(test.source);
            for (const Test::Target& target : test.targets) {
                invite(target.destination);
            }
        }
    }

    [[nodiscard]] const std::vector<Member>& members() const { return members_; }

    // Whom a selector means, one address each; of a network its first and its last.
    [[nodiscard]] std::vector<wire::Address> addresses(const Selector& selector) const {
        std::vector<wire::Address> addresses;
        if (selector.kind == Selector::Kind::kPrefix) {
            addresses.push_back(selector.prefix.address);
            addresses.push_back(last_of(selector.prefix));
            return addresses;
        }
        for (const Member& member : members_) {
            if (covers(selector, member, document_) && !member.addresses.empty()) {
                addresses.push_back(member.addresses.front());
            }
        }
        return addresses;
    }

  private:
    static wire::Address last_of(const wire::Prefix& prefix) {
        wire::Address last = prefix.address;
        for (std::size_t bit = prefix.length; bit < last.bit_count(); ++bit) {
            last.bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> bit % 8);
        }
        return last;
    }

    void invite(const Selector& selector) {
        if (selector.kind == Selector::Kind::kPrefix ||
            std::ranges::any_of(members_, [&](const Member& member) {
                return covers(selector, member, document_);
            })) {
            return;
        }
        if (selector.kind == Selector::Kind::kGroup) {
            const auto group = document_.groups.find(selector.name);
            if (group != document_.groups.end()) {
                std::ranges::for_each(group->second, [this](const Selector& each) {
                    invite(each);
                });
            }
            return;
        }
        Member& made_up = members_.emplace_back();
        made_up.addresses.push_back(made_up_address(members_.size()));
        if (selector.kind == Selector::Kind::kTag) {
            made_up.tags.push_back(selector.name);
        } else {
            made_up.name = selector.name;
        }
    }

    const Document& document_;
    std::vector<Member> members_;
};

std::optional<Problem> run_target(
    const CompiledPolicy& policy, const Cast& cast, const Test& test, const Test::Target& target
) {
    const auto sources = cast.addresses(test.source);
    const auto destinations = cast.addresses(target.destination);
    const Position at = target.destination.at;
    if (sources.size() * destinations.size() > kTestPairsMax) {
        return Problem{at, fmt::format("asks of more than {} pairs", kTestPairsMax)};
    }
    for (const wire::Address& source : sources) {
        for (const wire::Address& destination : destinations) {
            if (source == destination) {
                continue;
            }
            const auto grant = policy.grant_of(flow_of(source, destination, target.service));
            if (target.accept && !grant) {
                return Problem{
                    at, fmt::format(
                            "test fails: {} should reach {}, and no grant says so", test.text,
                            target.text
                        )
                };
            }
            if (!target.accept && grant) {
                return Problem{
                    at, fmt::format(
                            "test fails: {} should not reach {}, and the grant of line {} lets it",
                            test.text, target.text, policy.document().grants[*grant].at.line
                        )
                };
            }
        }
    }
    return std::nullopt;
}

std::expected<wire::Address, std::string> address_of(
    const CompiledPolicy& policy, std::string_view text
) {
    if (const auto address = wire::Address::parse(text)) {
        return *address;
    }
    const auto& members = policy.members();
    const auto& hosts = policy.document().hosts;
    if (const auto host = hosts.find(std::string(text)); host != hosts.end()) {
        return host->second.address;
    }
    const auto member = std::ranges::find(members, text, &Member::name);
    if (member != members.end() && !member->addresses.empty()) {
        return member->addresses.front();
    }
    return std::unexpected(
        fmt::format("'{}' is no member, no host of the policy and no address", text)
    );
}

// What the pair may do instead.
std::string other_services(
    const CompiledPolicy& policy, const wire::Address& source, const wire::Address& destination
) {
    const GrantSet grants = policy.grants_between(source, destination);
    std::string text;
    for (std::size_t index = 0; index < policy.document().grants.size(); ++index) {
        if (grants.has(index)) {
            const Grant& grant = policy.document().grants[index];
            text += fmt::format(
                "\nThe grant of line {} covers the two for {} only.", grant.at.line,
                text_of(grant.services)
            );
        }
    }
    return text;
}

}  // namespace

std::string text_of(const std::vector<Service>& services) {
    std::string text;
    for (const Service& service : services) {
        text += text.empty() ? "" : ", ";
        text += service.to_string();
    }
    return text;
}

std::optional<Problem> run_tests(const Document& document, const std::vector<Member>& members) {
    const Cast cast(document, members);
    const CompiledPolicy policy(document, cast.members());
    for (const Test& test : document.tests) {
        for (const Test::Target& target : test.targets) {
            if (auto problem = run_target(policy, cast, test, target)) {
                return problem;
            }
        }
    }
    return std::nullopt;
}

std::expected<Explanation, std::string> explain(
    const CompiledPolicy& policy, std::string_view source, std::string_view destination,
    std::string_view service
) {
    const auto question = parse_question(service);
    if (!question) {
        return std::unexpected(question.error());
    }
    auto from = address_of(policy, source);
    auto to = address_of(policy, destination);
    if (!from || !to) {
        return std::unexpected(!from ? from.error() : to.error());
    }
    Explanation explanation;
    const auto index = policy.grant_of(flow_of(*from, *to, *question));
    if (index) {
        const Grant& grant = policy.document().grants[*index];
        explanation.allowed = true;
        explanation.at = grant.at;
        explanation.text = fmt::format(
            "{} may reach {} on {}: the grant of line {} says so, for {}.", source, destination,
            question->to_string(), grant.at.line, text_of(grant.services)
        );
    } else {
        explanation.text = fmt::format(
            "{} may not reach {} on {}: no grant covers it, and what no grant covers is denied.{}",
            source, destination, question->to_string(), other_services(policy, *from, *to)
        );
    }
    return explanation;
}

}  // namespace phantom::policy
