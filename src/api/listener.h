#pragma once

// A listening socket for the API. Any thread.

#include <cstdint>

#include "api/errors.h"
#include "io/fd.h"
#include "wire/address.h"

namespace phantom::api {

// Does not block, is not inherited. kListen with errno.
[[nodiscard]] Result<io::Fd> listen_at(const wire::SocketAddress& place);

}  // namespace phantom::api
