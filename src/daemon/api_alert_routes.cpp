// Routes about alerts: silences, who is told.

#include "daemon/api_routes.h"

namespace phantom::daemon {

namespace {

using api::Method;
using api::Route;

namespace json = boost::json;

void add_raised_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/defence",
         .operation = "getDefence",
         .summary = "Whether attacks are looked for, and acted against",
         .topic = "defence",
         .verb = "defence",
         .answer = "Defence"}
    );
    routes.push_back(
        {.method = Method::kPut,
         .path = "/api/v1/defence",
         .operation = "setDefence",
         .summary = "Off, watch, or act",
         .topic = "defence",
         .verb = "defence",
         .body = "DefenceMode",
         .answer = "Defence"}
    );
    routes.push_back(
        {.path = "/api/v1/alerts",
         .operation = "listAlerts",
         .summary = "What was found, how bad it is, and who was told",
         .topic = "alerts",
         .verb = "alerts",
         .query = "AlertQuery",
         .answer = "Alerts",
         .items = "alerts",
         .key = "number",
         .filters = "state,priority,subject,incident"}
    );
    routes.push_back(
        {.path = "/api/v1/alerts/{number:int}",
         .operation = "getAlert",
         .summary = "One, with its judgement, what can be done, and each delivery",
         .topic = "alerts",
         .verb = "alerts",
         .answer = "AlertInFull"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/alerts/{number:int}/ack",
         .operation = "acknowledgeAlert",
         .summary = "Somebody looks at it: nobody else is told",
         .topic = "alerts",
         .verb = "ack",
         .answer = "Acknowledged"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/alerts/reload",
         .operation = "reloadAlerts",
         .summary = "Reads alerts.yml again",
         .topic = "defence",
         .verb = "alerts.reload",
         .answer = "AlertsReload"}
    );
}

void add_silence_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/silences",
         .operation = "listSilences",
         .summary = "Alerts of which nobody is told for a while",
         .topic = "silences",
         .verb = "silences",
         .query = "PageQuery",
         .answer = "Silences",
         .items = "silences",
         .key = "number"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/silences",
         .operation = "createSilence",
         .summary = "Begins one",
         .topic = "silences",
         .verb = "silence.add",
         .body = "SilenceWish",
         .answer = "NewSilence",
         .status = 201}
    );
    routes.push_back(
        {.method = Method::kDelete,
         .path = "/api/v1/silences/{number:int}",
         .operation = "expireSilence",
         .summary = "Ends one",
         .topic = "silences",
         .verb = "silence.expire",
         .answer = "Numbered"}
    );
    routes.push_back(
        {.path = "/api/v1/escalations",
         .operation = "listEscalations",
         .summary = "Who is told next, where nobody has answered",
         .topic = "alerts",
         .verb = "escalations",
         .answer = "Escalations"}
    );
    routes.push_back(
        {.path = "/api/v1/oncall",
         .operation = "getOnCall",
         .summary = "Whose turn it is",
         .topic = "oncall",
         .verb = "oncall",
         .answer = "OnCall"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/oncall/{rota}/overrides",
         .operation = "overrideOnCall",
         .summary = "Somebody stands in",
         .topic = "oncall",
         .verb = "oncall.override",
         .body = "OnCallWish",
         .answer = "OnCall"}
    );
}

void add_receiver_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/receivers",
         .operation = "listReceivers",
         .summary = "Who can be told, by which channels, and who is told next where nobody answers",
         .topic = "alerts",
         .verb = "receivers",
         .answer = "Receivers"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/receivers/{receiver}/tests",
         .operation = "testReceiver",
         .summary = "A message marked as a test, through each channel",
         .topic = "alerts",
         .verb = "alerts.test",
         .answer = "ReceiverTest",
         .status = 202}
    );
    routes.push_back(
        {.path = "/api/v1/deliveries/{key}",
         .operation = "getDelivery",
         .summary = "What became of a message",
         .topic = "alerts",
         .verb = "alerts.delivery",
         .answer = "DeliveryInFull"}
    );
}

}  // namespace

void add_alert_routes(std::vector<Route>& routes) {
    add_raised_routes(routes);
    add_silence_routes(routes);
    add_receiver_routes(routes);
}

}  // namespace phantom::daemon
