#include "mcp/line_reader.h"

namespace phantom::mcp {

std::vector<Line> LineReader::feed(std::string_view bytes) {
    std::vector<Line> lines;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        if (!skips_ && pending_.size() + part.size() > kLineSizeMax) {
            skips_ = true;
            pending_.clear();
        }
        if (!skips_) {
            pending_ += part;
        }
        if (end == std::string_view::npos) {
            break;
        }
        if (!pending_.empty() && pending_.back() == '\r') {
            pending_.pop_back();
        }
        lines.push_back({std::move(pending_), skips_});
        pending_.clear();
        skips_ = false;
        bytes.remove_prefix(end + 1);
    }
    return lines;
}

}  // namespace phantom::mcp
