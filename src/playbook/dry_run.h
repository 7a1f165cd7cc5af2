#pragma once

// What a run would do, without doing it: every step once, on either side of a condition whose outcome is not known
// before, with the values that are known.

#include "playbook/playbook.h"

namespace phantom::playbook {

[[nodiscard]] std::vector<std::string> dry_run(
    const Playbook& playbook, const std::map<std::string, std::string>& given
);

}  // namespace phantom::playbook
