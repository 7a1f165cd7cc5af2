#include "intake/line_cutter.h"

#include <algorithm>

namespace phantom::intake {

void LineCutter::add(std::string_view bytes, const Sink& sink) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, std::min(end, bytes.size()));
        if (line_.size() + part.size() <= scenario::kLineSizeMax) {
            line_ += part;
        } else {
            is_too_long_ = true;
            line_.clear();
        }
        if (end == std::string_view::npos) {
            pending_ += part.size();
            return;
        }
        bytes.remove_prefix(end + 1);
        give(sink);
    }
}

void LineCutter::finish(const Sink& sink) {
    if (pending_ > 0) {
        give(sink);
    }
}

void LineCutter::give(const Sink& sink) {
    pending_ = 0;
    if (std::exchange(is_too_long_, false)) {
        ++too_long_;
        line_.clear();
        return;
    }
    if (line_.ends_with('\r')) {
        line_.pop_back();
    }
    if (!line_.empty()) {
        sink(line_);
    }
    line_.clear();
}

}  // namespace phantom::intake
