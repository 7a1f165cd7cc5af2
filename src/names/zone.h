#pragma once

// The names of a mesh: NAME.mesh, and the names behind its addresses.
// Source: RFC 1035 section 3.5 (in-addr.arpa), RFC 3596 section 2.5 (ip6.arpa).

#include <optional>
#include <string>

#include "wire/address.h"
#include "wire/dns_name.h"

namespace phantom::names {

// "mesh". Not delegated in the public DNS.
[[nodiscard]] const wire::DnsName& mesh_zone();

// The member's name in "NAME.mesh", in lower case; none for the zone itself, for what is outside of
// it, and for what stands deeper.
[[nodiscard]] std::optional<std::string> member_name(const wire::DnsName& name);
// The member's name has to be a label.
[[nodiscard]] wire::DnsName name_of_member(std::string_view member);

// The address that "4.3.2.1.in-addr.arpa" or its like for IPv6 stands for.
[[nodiscard]] std::optional<wire::Address> address_of_reverse(const wire::DnsName& name);
[[nodiscard]] wire::DnsName reverse_of(const wire::Address& address);

}  // namespace phantom::names
