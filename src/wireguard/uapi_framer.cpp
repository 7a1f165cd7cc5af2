#include "wireguard/uapi_framer.h"

#include <algorithm>

namespace phantom::wireguard {

namespace {

constexpr std::string_view kGetLine = "get=1";

// Blank as parse_set sees it, which drops one carriage return.
bool is_blank(std::string_view line) {
    return line.empty() || line == "\r";
}

}  // namespace

void UapiFramer::feed(std::string_view bytes, Instant now) {
    release_consumed();
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    last_fed_ = now;
}

Result<std::optional<UapiOperation>> UapiFramer::next() {
    while (const auto line = take_line()) {
        ++line_number_;
        if (line_number_ == 1) {
            PM_TRY(begin_operation(*line));
            continue;
        }
        if (!is_blank(*line)) {
            if (kind_ == UapiOperation::Kind::kGet) {
                return fail(UapiError::kTrailingText, line_number_);
            }
            continue;
        }
        const std::string_view text(buffer_.data() + start_, line_start_ - start_);
        start_ = line_start_;
        line_number_ = 0;
        if (text.size() > kUapiOperationSizeMax) {
            return fail(UapiError::kOperationTooLarge);
        }
        return UapiOperation{kind_, text};
    }
    if (buffered_bytes() > kUapiOperationSizeMax) {
        return fail(UapiError::kOperationTooLarge, line_number_);
    }
    return std::nullopt;
}

bool UapiFramer::is_expired(Instant now) const {
    return now - last_fed_ > kUapiIdleTimeMax;
}

// The next whole line without its end, or nothing yet.
std::optional<std::string_view> UapiFramer::take_line() {
    const auto begin = buffer_.begin() + static_cast<std::ptrdiff_t>(scanned_);
    const auto end = std::find(begin, buffer_.end(), '\n');
    scanned_ = static_cast<std::size_t>(end - buffer_.begin());
    if (end == buffer_.end()) {
        return std::nullopt;
    }
    const std::string_view line(buffer_.data() + line_start_, scanned_ - line_start_);
    line_start_ = ++scanned_;
    return line;
}

Status UapiFramer::begin_operation(std::string_view line) {
    if (line == kGetLine) {
        kind_ = UapiOperation::Kind::kGet;
    } else if (line == kUapiSetLine) {
        kind_ = UapiOperation::Kind::kSet;
    } else {
        return fail(UapiError::kUnknownOperation, line_number_);
    }
    return {};
}

// Operations that were handed out go, and with the last of them the memory: a large configuration
// is rare, and the daemon lives long.
void UapiFramer::release_consumed() {
    if (start_ == 0) {
        return;
    }
    if (start_ == buffer_.size()) {
        buffer_ = SecretText();
    } else {
        buffer_ = SecretText(buffer_.begin() + static_cast<std::ptrdiff_t>(start_), buffer_.end());
    }
    line_start_ -= start_;
    scanned_ -= start_;
    start_ = 0;
}

std::string format_framing_error(const Error& error) {
    return error.is(UapiError::kUnknownOperation) ? std::string() : format_errno(errno_of(error));
}

}  // namespace phantom::wireguard
