#include "cli/log_file.h"

#include <iostream>

#include "scenario/event.h"

namespace phantom::cli {

LogFile::LogFile(const std::string& name) : progress_("reading " + name, size_of_file(name), "-") {
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
    std::uint64_t taken = 0;
    while (from_->get(each)) {
        ++taken;
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
            progress_.add(taken);
            return true;
        }
    }
    progress_.end();
    return !line.empty();
}

bool LogFile::has_failed() const {
    return from_->bad();
}

}  // namespace phantom::cli
