#pragma once

// Which rules can match at all: one pattern of each rule, all of them searched for at once. What is
// found is a candidate, no more: the rule is evaluated afterwards.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "detect/reason.h"

namespace phantom::detect {

class Prefilter {
  public:
    Prefilter();
    ~Prefilter();
    Prefilter(Prefilter&&) noexcept;
    Prefilter& operator=(Prefilter&&) noexcept;

    // `inspected` is a small number for the kind of buffer. Case is not regarded.
    void add(std::size_t inspected, std::string_view pattern, std::uint32_t rule);
    // After the last add. A reason where they are more than Hyperscan can search for.
    [[nodiscard]] OrReason<void> build();

    [[nodiscard]] bool has(std::size_t inspected) const;
    // Appends the rules whose pattern is in `bytes`.
    void scan(std::size_t inspected, ByteView bytes, std::vector<std::uint32_t>& found) const;

  private:
    struct Group;
    struct Scratch;
    std::vector<std::unique_ptr<Group>> groups_;
    std::unique_ptr<Scratch> scratch_;
};

}  // namespace phantom::detect
