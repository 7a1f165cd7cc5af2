#pragma once

// Incidents on the disk: records of the node's database. Those that earlier versions kept as files
// (`incident.NUMBER`) are taken over once.

#include "identity/state_directory.h"
#include "incident/book.h"
#include "store/records.h"

namespace phantom::daemon {

class IncidentStore {
  public:
    explicit IncidentStore(identity::StateDirectory& files) : files_(files) {}

    // Null: the database cannot be used, and incidents live as long as the daemon.
    void use(store::Records* records) { records_ = records; }
    // What was written before; the log says what cannot be read, and leaves it where it is.
    void load(incident::IncidentBook& book);
    // Together; the log says where it cannot be.
    void save(
        std::span<const incident::Incident* const> changed, std::span<const std::uint64_t> gone
    );

  private:
    void take_over_files(incident::IncidentBook& book);

    identity::StateDirectory& files_;
    store::Records* records_ = nullptr;
};

}  // namespace phantom::daemon
