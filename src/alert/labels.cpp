#include "alert/labels.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace phantom::alert {

namespace {

constexpr std::size_t kSizesSize = 2 * sizeof(std::uint16_t);

bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

struct LabelSizes {
    std::uint16_t name = 0;
    std::uint16_t value = 0;
};

LabelSizes sizes_at(const char* at) {
    LabelSizes sizes;
    std::memcpy(&sizes.name, at, sizeof sizes.name);
    std::memcpy(&sizes.value, at + sizeof sizes.name, sizeof sizes.value);
    return sizes;
}

}  // namespace

bool is_label_name(std::string_view name) {
    return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, [](char byte) {
        return is_letter(byte) || (byte >= '0' && byte <= '9');
    });
}

LabelView Labels::Iterator::operator*() const {
    const LabelSizes sizes = sizes_at(at_);
    return {{at_ + kSizesSize, sizes.name}, {at_ + kSizesSize + sizes.name, sizes.value}};
}

Labels::Iterator& Labels::Iterator::operator++() {
    const LabelSizes sizes = sizes_at(at_);
    at_ += kSizesSize + sizes.name + sizes.value;
    return *this;
}

Result<Labels> Labels::make(std::vector<Label> labels) {
    std::size_t size = 0;
    for (std::size_t index = 0; index < labels.size(); ++index) {
        const auto& [name, value] = labels[index];
        if (!is_label_name(name)) {
            return fail(AlertError::kLabelName, static_cast<std::uint32_t>(index));
        }
        if (name.size() > kLabelSizeMax || value.size() > kLabelSizeMax) {
            return fail(AlertError::kAlertTooLarge);
        }
        size += kSizesSize + name.size() + value.size();
    }
    std::ranges::sort(labels, {}, &Label::first);
    if (std::ranges::adjacent_find(labels, {}, &Label::first) != labels.end()) {
        return fail(AlertError::kLabelTwice);
    }
    Labels made;
    made.packed_.reserve(size);
    for (const auto& [name, value] : labels) {
        made.append(name, value);
    }
    return made;
}

void Labels::append(std::string_view name, std::string_view value) {
    const LabelSizes sizes{
        static_cast<std::uint16_t>(name.size()), static_cast<std::uint16_t>(value.size())
    };
    packed_.append(reinterpret_cast<const char*>(&sizes.name), sizeof sizes.name);
    packed_.append(reinterpret_cast<const char*>(&sizes.value), sizeof sizes.value);
    packed_.append(name);
    packed_.append(value);
}

std::string_view Labels::value_of(std::string_view name) const {
    for (const auto& [each, value] : *this) {
        if (each == name) {
            return value;
        }
    }
    return {};
}

bool Labels::contains(std::string_view name) const {
    for (const LabelView& each :
         *this) {  // NOLINT(readability-use-anyofallof): no forward iterator
        if (each.first == name) {
            return true;
        }
    }
    return false;
}

void Labels::set(std::string_view name, std::string_view value) {
    PM_ASSERT(is_label_name(name));
    value = value.substr(0, kLabelSizeMax);
    Labels changed;
    changed.packed_.reserve(packed_.size() + kSizesSize + name.size() + value.size());
    bool is_set = false;
    for (const auto& [each, old] : *this) {
        if (!is_set && each >= name) {
            changed.append(name, value);
            is_set = true;
        }
        if (each != name) {
            changed.append(each, old);
        }
    }
    if (!is_set) {
        changed.append(name, value);
    }
    packed_ = std::move(changed.packed_);
}

void Labels::keep_common(const Labels& other) {
    Labels common;
    for (const auto& [name, value] : *this) {
        if (other.contains(name) && other.value_of(name) == value) {
            common.append(name, value);
        }
    }
    packed_ = std::move(common.packed_);
}

std::size_t Labels::count() const {
    return static_cast<std::size_t>(std::distance(begin(), end()));
}

std::size_t Labels::size_bytes() const {
    return packed_.size() - kSizesSize * count();
}

}  // namespace phantom::alert
