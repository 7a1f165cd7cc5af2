#pragma once

// Syslog from others: datagrams over UDP or a Unix socket, records over TCP (RFC 6587, both framings). Nobody
// is answered, and nobody is asked who they are: listen where only those can send whom you believe.
// Thread: the one that reads.

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "intake/line_cutter.h"
#include "intake/listen_address.h"
#include "io/fd.h"

namespace phantom::intake {

// RFC 5425 section 4.3.1 asks for 2,048 at least.
inline constexpr std::size_t kSyslogMessageMax = 8U << 10U;
inline constexpr std::size_t kSyslogConnectionsMax = 32;

class SyslogSocket {
  public:
    explicit SyslogSocket(ListenAddress listen);
    ~SyslogSocket();
    SyslogSocket(const SyslogSocket&) = delete;
    SyslogSocket& operator=(const SyslogSocket&) = delete;

    // Opens it where it is not open; at most `size_max` bytes, at least one message. True: there may be more.
    bool read(std::size_t size_max, const LineCutter::Sink& sink);
    // To wait on.
    [[nodiscard]] std::vector<int> fds() const;
    [[nodiscard]] std::uint64_t too_long() const { return too_long_; }
    // Connections that found no room.
    [[nodiscard]] std::uint64_t refused() const { return refused_; }
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    struct Connection {
        io::Fd fd;
        std::string bytes;  // of a record that is not whole
        bool is_over = false;
    };

    void open();
    bool read_datagrams(std::size_t size_max, const LineCutter::Sink& sink);
    bool read_connections(std::size_t size_max, const LineCutter::Sink& sink);
    void accept_all();
    bool read_connection(Connection& connection, const LineCutter::Sink& sink);
    void cut_records(Connection& connection, const LineCutter::Sink& sink);

    ListenAddress listen_;
    io::Fd socket_;
    std::list<Connection> connections_;
    std::uint64_t too_long_ = 0;
    std::uint64_t refused_ = 0;
    std::string trouble_;
};

// The first record of `bytes`, which it is cut off from; false: it is not whole yet. RFC 6587: its length in
// digits and a space, or up to a newline.
enum class Cut : std::uint8_t { kRecord, kMore, kTooLong };
[[nodiscard]] Cut cut_syslog_record(std::string& bytes, std::string& record);

}  // namespace phantom::intake
