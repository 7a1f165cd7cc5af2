#include "detect/prefilter.h"

#include <hs/hs.h>

namespace phantom::detect {

struct Prefilter::Group {
    std::vector<std::string> patterns;
    std::vector<std::uint32_t> rules;
    hs_database_t* database = nullptr;

    Group() = default;
    ~Group() { hs_free_database(database); }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
};

struct Prefilter::Scratch {
    hs_scratch_t* memory = nullptr;

    Scratch() = default;
    ~Scratch() { hs_free_scratch(memory); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
};

Prefilter::Prefilter() : scratch_(std::make_unique<Scratch>()) {}
Prefilter::~Prefilter() = default;
Prefilter::Prefilter(Prefilter&&) noexcept = default;
Prefilter& Prefilter::operator=(Prefilter&&) noexcept = default;

void Prefilter::add(std::size_t inspected, std::string_view pattern, std::uint32_t rule) {
    if (groups_.size() <= inspected) {
        groups_.resize(inspected + 1);
    }
    if (!groups_[inspected]) {
        groups_[inspected] = std::make_unique<Group>();
    }
    groups_[inspected]->patterns.emplace_back(pattern);
    groups_[inspected]->rules.push_back(rule);
}

OrReason<void> Prefilter::build() {
    for (const auto& group : groups_) {
        if (!group) {
            continue;
        }
        const std::size_t count = group->patterns.size();
        std::vector<const char*> texts;
        std::vector<std::size_t> sizes;
        for (const std::string& pattern : group->patterns) {
            texts.push_back(pattern.data());
            sizes.push_back(pattern.size());
        }
        const std::vector<unsigned> flags(count, HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH);
        std::vector<unsigned> ids(count);
        for (std::size_t index = 0; index < count; ++index) {
            ids[index] = static_cast<unsigned>(index);
        }
        hs_compile_error_t* error = nullptr;
        const hs_error_t done = hs_compile_lit_multi(
            texts.data(), flags.data(), ids.data(), sizes.data(), static_cast<unsigned>(count),
            HS_MODE_BLOCK, nullptr, &group->database, &error
        );
        // Literals of bounded size compile, unless all of them are too many for the memory.
        const std::string why = error == nullptr ? "" : error->message;
        hs_free_compile_error(error);
        if (done != HS_SUCCESS) {
            return std::unexpected("patterns: " + why);
        }
        if (hs_alloc_scratch(group->database, &scratch_->memory) != HS_SUCCESS) {
            return std::unexpected("patterns: there is no memory to search for them");
        }
    }
    return {};
}

bool Prefilter::has(std::size_t inspected) const {
    return inspected < groups_.size() && groups_[inspected] != nullptr;
}

void Prefilter::scan(std::size_t inspected, ByteView bytes, std::vector<std::uint32_t>& found)
    const {
    if (!has(inspected) || bytes.empty()) {
        return;
    }
    struct Hits {
        const Group& group;
        std::vector<std::uint32_t>& found;
    } hits{*groups_[inspected], found};
    const auto on_match = [](unsigned id, unsigned long long, unsigned long long, unsigned,
                             void* context) {
        auto* to = static_cast<Hits*>(context);
        to->found.push_back(to->group.rules[id]);
        return 0;
    };
    hs_scan(
        hits.group.database, reinterpret_cast<const char*>(bytes.data()),
        static_cast<unsigned>(bytes.size()), 0, scratch_->memory, on_match, &hits
    );
}

}  // namespace phantom::detect
