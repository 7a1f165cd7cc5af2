#pragma once

// Makes this machine ask the node's name server, and undoes it: by systemd-resolved where that is who
// this machine asks, else by resolv.conf(5). What was changed is written to the state directory
// before it is changed, so that a node that was killed finds it at its next start.
//
//   dns.json               whether it is wanted, what is changed
//   resolv.conf.original   what stood there, for whoever has to put it back by hand
//
// Thread: control. Blocks while a file is written or resolvectl runs: some milliseconds.

#include <optional>
#include <string>
#include <vector>

#include "daemon/file_image.h"
#include "daemon/mesh_state.h"
#include "identity/state_directory.h"

namespace phantom::daemon {

class DnsHook {
  public:
    enum class Kind : std::uint8_t { kNone, kResolved, kResolvConf };
    struct Options {
        std::string resolv_conf;
        std::string interface;
    };

    DnsHook(identity::StateDirectory& files, Options options);

    // What `phantom dns` asked for last.
    [[nodiscard]] bool wanted() const { return wanted_; }
    void set_wanted(bool wanted);

    // Whom to ask about everything outside of the mesh: empty where somebody else sees to that. Goes
    // on with what an earlier run has changed.
    [[nodiscard]] OrSentence<std::vector<wire::SocketAddress>> engage(const wire::Address& server);
    // A sentence where something is not as it was before, and why.
    [[nodiscard]] std::optional<std::string> release();
    [[nodiscard]] Kind kind() const { return kind_; }

  private:
    void load();
    [[nodiscard]] std::optional<std::string> save();
    [[nodiscard]] bool ask_resolved(const wire::Address& server) const;
    [[nodiscard]] std::optional<std::string> change_file(const wire::Address& server);
    [[nodiscard]] bool is_ours(const FileImage& image) const;

    identity::StateDirectory& files_;
    Options options_;
    bool wanted_ = false;
    Kind kind_ = Kind::kNone;
    std::string path_;  // of the file that is changed
    FileImage original_;
    std::string written_;  // what we put there
};

[[nodiscard]] std::string_view text_of(DnsHook::Kind kind);

}  // namespace phantom::daemon
