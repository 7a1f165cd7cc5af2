#include "base/result.h"

#include <fmt/format.h>

namespace phantom {

std::string Error::message() const {
    if (detail_ == 0) {
        return fmt::format("{}: {}", domain_->name, what());
    }
    return fmt::format("{}: {} ({})", domain_->name, what(), detail_);
}

}  // namespace phantom
