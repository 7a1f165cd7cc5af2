#include "remedy/node_acts.h"

namespace phantom::remedy {

Result<Condition> NodeActs::read(const Target& target, WallTime /*now*/) {
    const auto written = written_.find(target);
    const bool in_force = switches_.is_set(target);
    if (written == written_.end() || !in_force) {
        return Condition{.in_force = in_force, .until = {}};
    }
    return written->second;
}

Status NodeActs::write(const Target& target, const Condition& condition, WallTime /*now*/) {
    PM_TRY(switches_.set(target, condition.in_force));
    if (condition.in_force) {
        written_[target] = condition;
    } else {
        written_.erase(target);
    }
    return {};
}

Result<Conditions> NodeActs::read_all(WallTime now) {
    Conditions conditions;
    for (const auto& [target, condition] : written_) {
        const Condition found = PM_TRY(read(target, now));
        if (found.in_force) {
            conditions[target] = found;
        }
    }
    return conditions;
}

}  // namespace phantom::remedy
