#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <poll.h>

#include "alert/message.h"
#include "alert/message_text.h"
#include "cli/alert.h"
#include "cli/alert_config.h"
#include "cli/output.h"
#include "courier/sender.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

struct Tried {
    std::string destination;
    courier::Answer answer;
    [[nodiscard]] bool is_delivered() const {
        return judge(answer) == courier::Verdict::kDelivered;
    }
};

// All of them at once, each a single time.
Result<std::vector<Tried>> try_all(const std::vector<courier::Parcel>& parcels) {
    auto sender = PM_TRY(courier::Sender::start({}));
    std::vector<Tried> tried;
    for (const courier::Parcel& parcel : parcels) {
        PM_TRY(sender->send(tried.size(), parcel.request));
        tried.push_back({courier::destination_of(parcel.request), {}});
    }
    for (std::size_t left = parcels.size(); left > 0;) {
        ::pollfd answers{.fd = sender->answers_fd(), .events = POLLIN, .revents = 0};
        ::poll(&answers, 1, -1);
        for (auto& [index, answer] : sender->take_answers()) {
            tried[index].answer = std::move(answer);
            --left;
        }
    }
    return tried;
}

std::string tried_as_text(const Tried& tried) {
    return fmt::format(
        "{:<13}  {}  {}\n", tried.is_delivered() ? "delivered" : "NOT DELIVERED",
        alert::one_line(tried.destination), alert::one_line(tried.answer.text)
    );
}

json::object tried_as_json(const Tried& tried) {
    return {
        {"destination", alert::one_line(tried.destination)},
        {"delivered", tried.is_delivered()},
        {"status", tried.answer.status},
        {"answer", alert::one_line(tried.answer.text)}
    };
}

void show_tried(const std::string& receiver, const std::vector<Tried>& tried, bool as_json) {
    if (!as_json) {
        for (const Tried& each : tried) {
            print(tried_as_text(each));
        }
        return;
    }
    json::array channels;
    for (const Tried& each : tried) {
        channels.push_back(tried_as_json(each));
    }
    print_json(
        {{"schema", "phantom.alert-test/1"},
         {"receiver", alert::one_line(receiver)},
         {"channels", std::move(channels)}}
    );
}

int fail_saying(const std::string& text) {
    say_alert_problem(text);
    return static_cast<int>(Exit::kFailed);
}

}  // namespace

int test_alert_receiver(const AlertArguments& arguments, bool as_json) {
    const auto config = load_alert_config(arguments.file);
    if (!config) {
        return static_cast<int>(Exit::kFailed);
    }
    const auto found = config->receivers.find(arguments.receiver);
    if (found == config->receivers.end()) {
        return fail_saying(
            fmt::format("there is no receiver '{}'", alert::one_line(arguments.receiver))
        );
    }
    alert::Receiver receiver = found->second;
    if (receiver.channels.empty()) {
        return fail_saying("this receiver has no channel that is spoken here: nobody is told");
    }
    if (const Status read = resolve_secrets(receiver, read_secret_file); !read) {
        return fail_saying(read.error().message());
    }
    SystemRandom random;
    const auto notification = alert::test_notification(receiver.name, wall_now(), random);
    if (!notification) {
        return fail_saying(notification.error().message());
    }
    const auto tried = try_all(alert::parcels_of(*notification, receiver));
    if (!tried) {
        return fail_saying(tried.error().message());
    }
    show_tried(receiver.name, *tried, as_json);
    return static_cast<int>(
        std::ranges::all_of(*tried, &Tried::is_delivered) && !tried->empty() ? Exit::kOk
                                                                             : Exit::kFailed
    );
}

}  // namespace phantom::cli
