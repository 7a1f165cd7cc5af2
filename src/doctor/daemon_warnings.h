#pragma once

// What a node's own answers say is wrong with it, a sentence each. No I/O. An answer that lacks a field, of an older
// daemon perhaps, says nothing.

#include <string>
#include <vector>

#include <boost/json.hpp>

namespace phantom::doctor {

// The answers of the control socket to the verbs that they are called after; empty where it gave none.
struct Answers {
    boost::json::object status;
    boost::json::object netcheck;
    boost::json::object routes;
    boost::json::object defence;
    boost::json::object rules;
    boost::json::object feeds;
    boost::json::object inputs;
    boost::json::object dns;
};

[[nodiscard]] std::vector<std::string> warnings_of(const Answers& answers);

}  // namespace phantom::doctor
