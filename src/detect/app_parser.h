#pragma once

// A protocol inside TCP or UDP. Bytes come in order, in parts of any size; a parser keeps what it
// needs of them, and fills transactions.

#include <memory>

#include "detect/transaction.h"

namespace phantom::detect {

class AppParser {
  public:
    virtual ~AppParser() = default;
    AppParser() = default;
    AppParser(const AppParser&) = delete;
    AppParser& operator=(const AppParser&) = delete;

    virtual void add(Direction direction, ByteView bytes) = 0;
    // Bytes are missing that the other side has acknowledged.
    virtual void skip(Direction direction, std::size_t size) = 0;
    virtual void end(Direction direction) = 0;

    [[nodiscard]] Transactions& transactions() { return transactions_; }

  protected:
    Transactions
        transactions_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

// What the first bytes of one side say: kUnknown asks for more, kFailed means none of ours.
struct FirstBytes {
    ByteView bytes;
    Direction direction = Direction::kToServer;
    bool over_udp = false;
    std::uint16_t server_port = 0;
};
[[nodiscard]] AppProtocol recognise(const FirstBytes& first);

[[nodiscard]] std::unique_ptr<AppParser> make_parser(AppProtocol protocol, bool over_udp);

}  // namespace phantom::detect
