#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::io {

// Each carries errno as its detail.
enum class IoError : std::uint16_t {
    kTunOpen,
    kTunCreate,
    kTunOffload,
    kTunRead,
    kTunWrite,
    kTunGone,
    kLink,
    kSocketOpen,
    kSocketBind,
    kSocketOption,
    kReceive,
    kSend,
    kEpoll,
    kNetlink,
    kNamespace,
};

[[nodiscard]] const ErrorDomain& error_domain(IoError code);

// fail(code, errno)
[[nodiscard]] std::unexpected<Error> fail_errno(IoError code);

}  // namespace phantom::io
