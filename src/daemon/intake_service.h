#pragma once

// The logs that this node reads: `inputs.yml` of the state directory, read at the start and on SIGHUP. A file
// that is no good changes nothing. What is seen becomes findings; how far each log was read is kept.
// Thread: control; src/intake has the one that reads.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/json.hpp>

#include "daemon/mesh_node.h"
#include "intake/intake.h"
#include "respond/finding.h"

namespace phantom::daemon {

class IntakeService {
  public:
    using Report = std::function<void(const respond::Finding&)>;

    // All outlive it.
    IntakeService(MeshNode& node, io::EventLoop& loop, Report report);
    ~IntakeService();
    IntakeService(const IntakeService&) = delete;
    IntakeService& operator=(const IntakeService&) = delete;

    void start();
    void reload();
    void tick();
    [[nodiscard]] boost::json::object answer() const;
    // Null: nothing is read.
    [[nodiscard]] const intake::Intake* intake() const { return intake_.get(); }
    // Ever.
    [[nodiscard]] std::uint64_t sightings_dropped() const {
        return dropped_before_ + (intake_ == nullptr ? 0 : intake_->counters().sightings_dropped);
    }

  private:
    void read_config();
    void refuse(std::string why);
    void begin(intake::IntakeConfig config);
    [[nodiscard]] bool take_sightings();
    void keep_places();
    [[nodiscard]] respond::Finding finding_of(const intake::Sighting& sighting) const;
    [[nodiscard]] intake::Places kept_places() const;

    MeshNode& node_;
    io::EventLoop& loop_;
    Report report_;
    io::WakeUp told_;
    std::unique_ptr<intake::Intake> intake_;  // null: nothing is to be read
    std::deque<intake::Sighting> left_over_;  // of a configuration before; kSightingsMax at most
    std::uint64_t dropped_before_ = 0;        // of those
    std::string refused_;                     // why the newest file is not in force; "" where it is
    intake::Places places_;                   // as the disk has them
    Instant next_keep_;
};

}  // namespace phantom::daemon
