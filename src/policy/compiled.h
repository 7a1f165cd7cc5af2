#pragma once

// A policy made ready for packets: the document and who is a member now, as tables. Immutable; any
// thread may ask. A decision takes some binary searches and no allocation.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/document.h"
#include "policy/flow.h"
#include "policy/grant_set.h"
#include "policy/interval_table.h"

namespace phantom::policy {

struct Member {
    std::string name;
    std::vector<std::string> tags;
    std::vector<wire::Address> addresses;

    friend bool operator==(const Member&, const Member&) = default;
};

// Family and bytes as one number of 17 bytes.
struct AddressKey {
    std::array<std::uint8_t, 17> bytes{};
    friend auto operator<=>(const AddressKey&, const AddressKey&) = default;
};

class CompiledPolicy {
  public:
    CompiledPolicy(Document document, std::vector<Member> members);

    // The first grant, in the document's order, that covers the flow.
    [[nodiscard]] std::optional<std::size_t> grant_of(const Flow& flow) const;
    [[nodiscard]] bool allows(const Flow& flow) const { return grant_of(flow).has_value(); }

    // All grants that cover the pair on some service.
    [[nodiscard]] GrantSet grants_between(
        const wire::Address& source, const wire::Address& destination
    ) const;

    [[nodiscard]] const Document& document() const { return document_; }
    [[nodiscard]] const std::vector<Member>& members() const { return members_; }
    // Who may route what: networks behind members, and with 0.0.0.0/0 or ::/0 exit nodes.
    [[nodiscard]] const std::vector<Route>& routes() const { return document_.routes; }

  private:
    struct Subject {
        wire::Address address;
        GrantSet as_source;
        GrantSet as_destination;
    };

    void add_services();
    void add_subject(const Member& member);
    [[nodiscard]] const Subject* find(const wire::Address& address) const;
    [[nodiscard]] GrantSet grants_for(const Flow& flow) const;

    Document document_;
    std::vector<Member> members_;
    std::vector<Subject> subjects_;  // by address
    IntervalTable<AddressKey> sources_;
    IntervalTable<AddressKey> destinations_;
    IntervalTable<std::uint32_t> tcp_;
    IntervalTable<std::uint32_t> udp_;
    GrantSet icmp_;
    GrantSet any_;
};

// Whether `selector` means this member. Prefixes mean a member only by its very address: what is
// granted to a network never opens the members whose addresses happen to lie in it.
[[nodiscard]] bool covers(const Selector& selector, const Member& member, const Document& document);

}  // namespace phantom::policy
