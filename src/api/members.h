#pragma once

// Members of the mesh by the keys that they prove to have (member_certificate.h), each as a token that it needs not show:
// what a member may, and how often. A snapshot that any thread reads; another one when somebody comes, goes, or changes
// its keys.

#include <array>
#include <map>
#include <utility>

#include "api/token.h"

namespace phantom::api {

inline constexpr std::size_t kMemberKeySize = 32;
using MemberKey = std::array<std::uint8_t, kMemberKeySize>;

class MemberTable {
  public:
    using Members = std::map<MemberKey, Token>;
    MemberTable() = default;
    explicit MemberTable(Members members) : members_(std::move(members)) {}
    // Null: it is no member's key.
    [[nodiscard]] const Token* find(const MemberKey& key) const {
        const auto found = members_.find(key);
        return found == members_.end() ? nullptr : &found->second;
    }

  private:
    Members members_;
};

}  // namespace phantom::api
