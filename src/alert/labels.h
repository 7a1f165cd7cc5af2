#pragma once

// Names and their values, sorted by name: what an alert is known by. Packed into one piece of memory, as there may be
// a million alerts (alert_bench.cpp).

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alert/errors.h"

namespace phantom::alert {

using Label = std::pair<std::string, std::string>;
using LabelView = std::pair<std::string_view, std::string_view>;

inline constexpr std::size_t kLabelSizeMax = 65'535;  // of a name, and of a value

// As Prometheus has it: [a-zA-Z_][a-zA-Z0-9_]*
[[nodiscard]] bool is_label_name(std::string_view name);

class Labels {
  public:
    class Iterator {
      public:
        // NOLINTNEXTLINE(readability-identifier-naming): the standard's name
        using iterator_category = std::input_iterator_tag;
        using value_type = LabelView;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(const char* at) : at_(at) {}
        [[nodiscard]] LabelView operator*() const;
        Iterator& operator++();
        Iterator operator++(int) {
            const Iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const Iterator&, const Iterator&) = default;

      private:
        const char* at_ = nullptr;
    };

    Labels() = default;
    // kLabelName, kLabelTwice, kAlertTooLarge for what is longer than kLabelSizeMax.
    [[nodiscard]] static Result<Labels> make(std::vector<Label> labels);

    // Nothing where it is absent, as everywhere in this language absent and empty are the same.
    [[nodiscard]] std::string_view value_of(std::string_view name) const;
    [[nodiscard]] bool contains(std::string_view name) const;
    // Adds it, or gives it another value. The name is right; of the value the first kLabelSizeMax bytes.
    void set(std::string_view name, std::string_view value);
    // Those that `other` has with the same value stay.
    void keep_common(const Labels& other);

    [[nodiscard]] Iterator begin() const { return Iterator(packed_.data()); }
    [[nodiscard]] Iterator end() const { return Iterator(packed_.data() + packed_.size()); }
    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] bool empty() const { return packed_.empty(); }
    // Bytes of names and values.
    [[nodiscard]] std::size_t size_bytes() const;
    // No more memory than it needs.
    void shrink() { packed_.shrink_to_fit(); }

    friend bool operator==(const Labels&, const Labels&) = default;

  private:
    void append(std::string_view name, std::string_view value);

    // For each: two sizes of 16 bits, the name, the value.
    std::string packed_;
};

}  // namespace phantom::alert
