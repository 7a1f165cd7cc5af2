#include "respond/known_techniques.h"

#include "base/assert.h"

namespace phantom::respond {

assess::TechniqueTable known_techniques() {
    const std::vector<assess::TechniqueEntry> entries{
        {"T1590", {"reconnaissance"}},
        {"T1592", {"reconnaissance"}},
        {"T1595", {"reconnaissance"}},
        {"T1583", {"resource-development"}},
        {"T1133", {"initial-access", "persistence"}},
        {"T1190", {"initial-access"}},
        {"T1566", {"initial-access"}},
        {"T1078", {"initial-access", "persistence", "privilege-escalation", "defense-evasion"}},
        {"T1059", {"execution"}},
        {"T1203", {"execution"}},
        {"T1053", {"execution", "persistence", "privilege-escalation"}},
        {"T1505", {"persistence"}},
        {"T1543", {"persistence", "privilege-escalation"}},
        {"T1068", {"privilege-escalation"}},
        {"T1548", {"privilege-escalation", "defense-evasion"}},
        {"T1027", {"defense-evasion"}},
        {"T1070", {"defense-evasion"}},
        {"T1003", {"credential-access"}},
        {"T1040", {"credential-access", "discovery"}},
        {"T1110", {"credential-access"}},
        {"T1557", {"credential-access", "collection"}},
        {"T1018", {"discovery"}},
        {"T1046", {"discovery"}},
        {"T1082", {"discovery"}},
        {"T1021", {"lateral-movement"}},
        {"T1210", {"lateral-movement"}},
        {"T1570", {"lateral-movement"}},
        {"T1005", {"collection"}},
        {"T1071", {"command-and-control"}},
        {"T1090", {"command-and-control"}},
        {"T1095", {"command-and-control"}},
        {"T1105", {"command-and-control"}},
        {"T1568", {"command-and-control"}},
        {"T1571", {"command-and-control"}},
        {"T1572", {"command-and-control"}},
        {"T1041", {"exfiltration"}},
        {"T1048", {"exfiltration"}},
        {"T1486", {"impact"}},
        {"T1496", {"impact"}},
        {"T1498", {"impact"}},
        {"T1499", {"impact"}},
    };
    auto table = assess::TechniqueTable::make(assess::kEnterpriseTactics, entries);
    PM_ASSERT(table.has_value());
    return std::move(*table);
}

}  // namespace phantom::respond
