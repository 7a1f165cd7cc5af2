#include "cli/log_file.h"

#include <iostream>

#include "scenario/event.h"

namespace phantom::cli {

LogFile::LogFile(const std::string& name) {
    if (name == "-") {
        from_ = &std::cin;
        return;
    }
    file_.open(name, std::ios::binary);
    from_ = file_ ? &file_ : nullptr;
}

bool LogFile::next(std::string& line) {
    line.clear();
    char each = 0;
    while (from_->get(each)) {
        if (each != '\n') {
            if (line.size() <= scenario::kLineSizeMax) {
                line += each;
            }
            continue;
        }
        if (line.ends_with('\r')) {
            line.pop_back();
        }
        if (!line.empty()) {
            return true;
        }
    }
    return !line.empty();
}

bool LogFile::has_failed() const {
    return from_->bad();
}

}  // namespace phantom::cli
