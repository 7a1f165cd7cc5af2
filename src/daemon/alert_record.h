#pragma once

// An alert of the pipeline's: as it is answered, as it is kept, and as it is told.

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "alert/alert.h"
#include "respond/alert_book.h"

namespace phantom::daemon {

[[nodiscard]] boost::json::object describe_alert(const respond::Alert& alert);
[[nodiscard]] std::string write_alert(const respond::Alert& alert);
// alert::AlertError::kMalformedRecord.
[[nodiscard]] Result<respond::Alert> read_alert(std::string_view text);

// Labels say which alert it is: rule, subject, object, technique and `node`, that of this machine. What may change
// is in the annotations; both are cut to what an alert may have.
[[nodiscard]] Result<alert::Alert> alert_to_tell(
    const respond::Alert& alert, const std::string& node
);

}  // namespace phantom::daemon
