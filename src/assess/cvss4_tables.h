#pragma once

// The tables of the CVSS 4.0 specification, sections 8.1 to 8.3: the score of every macro vector, and how deep
// each equivalence class is. In tenths.
//
// Copyright (c) 2023 FIRST.ORG, Inc., Red Hat, and contributors; BSD-2-Clause (docs/third_party.md).

#include <array>

namespace phantom::assess::cvss4 {

// EQ3 and EQ6 as one class, since they depend on each other: 00, 01, 10, 11, 21.
inline constexpr int kEq3Eq6Count = 5;

// [EQ1][EQ2][EQ3EQ6][EQ4][EQ5]
using ByThreat = std::array<std::array<int, 3>, 3>;
using ScoreTable = std::array<std::array<std::array<ByThreat, kEq3Eq6Count>, 2>, 3>;

// clang-format off
inline constexpr ScoreTable kScores{{
    {{
        {{  // EQ1 0, EQ2 0
            {{{100,  98,  95}, {100,  93,  91}, { 93,  89,  81}}},  // EQ3 0, EQ6 0
            {{{ 99,  95,  92}, { 96,  87,  81}, { 90,  80,  68}}},  // EQ3 0, EQ6 1
            {{{ 98,  95,  90}, { 93,  89,  81}, { 88,  78,  69}}},  // EQ3 1, EQ6 0
            {{{ 95,  92,  84}, { 92,  81,  65}, { 80,  70,  48}}},  // EQ3 1, EQ6 1
            {{{ 92,  82,  72}, { 79,  69,  50}, { 69,  55,  27}}},  // EQ3 2, EQ6 1
        }},
        {{  // EQ1 0, EQ2 1
            {{{ 99,  95,  92}, { 95,  90,  84}, { 92,  82,  72}}},  // EQ3 0, EQ6 0
            {{{ 97,  92,  85}, { 91,  83,  71}, { 81,  71,  53}}},  // EQ3 0, EQ6 1
            {{{ 95,  92,  85}, { 92,  80,  70}, { 84,  71,  50}}},  // EQ3 1, EQ6 0
            {{{ 93,  85,  73}, { 82,  72,  59}, { 70,  52,  30}}},  // EQ3 1, EQ6 1
            {{{ 86,  75,  52}, { 71,  52,  29}, { 63,  29,  17}}},  // EQ3 2, EQ6 1
        }},
    }},
    {{
        {{  // EQ1 1, EQ2 0
            {{{ 98,  94,  91}, { 94,  86,  77}, { 87,  74,  63}}},  // EQ3 0, EQ6 0
            {{{ 95,  87,  81}, { 89,  74,  64}, { 75,  63,  49}}},  // EQ3 0, EQ6 1
            {{{ 94,  88,  76}, { 86,  74,  59}, { 72,  57,  52}}},  // EQ3 1, EQ6 0
            {{{ 89,  77,  67}, { 76,  58,  50}, { 57,  52,  25}}},  // EQ3 1, EQ6 1
            {{{ 83,  70,  54}, { 65,  58,  26}, { 53,  21,  13}}},  // EQ3 2, EQ6 1
        }},
        {{  // EQ1 1, EQ2 1
            {{{ 95,  88,  76}, { 90,  75,  61}, { 77,  68,  52}}},  // EQ3 0, EQ6 0
            {{{ 90,  76,  70}, { 77,  62,  53}, { 66,  59,  30}}},  // EQ3 0, EQ6 1
            {{{ 89,  76,  62}, { 74,  57,  47}, { 61,  57,  24}}},  // EQ3 1, EQ6 0
            {{{ 78,  67,  58}, { 59,  57,  23}, { 52,  29,  16}}},  // EQ3 1, EQ6 1
            {{{ 71,  59,  30}, { 58,  26,  15}, { 23,  13,   6}}},  // EQ3 2, EQ6 1
        }},
    }},
    {{
        {{  // EQ1 2, EQ2 0
            {{{ 93,  86,  75}, { 86,  74,  56}, { 70,  52,  40}}},  // EQ3 0, EQ6 0
            {{{ 87,  72,  58}, { 74,  61,  34}, { 54,  40,  22}}},  // EQ3 0, EQ6 1
            {{{ 85,  74,  62}, { 72,  55,  46}, { 53,  34,  19}}},  // EQ3 1, EQ6 0
            {{{ 75,  55,  51}, { 57,  41,  19}, { 36,  19,   8}}},  // EQ3 1, EQ6 1
            {{{ 64,  51,  20}, { 47,  21,  11}, { 24,   9,   4}}},  // EQ3 2, EQ6 1
        }},
        {{  // EQ1 2, EQ2 1
            {{{ 88,  73,  60}, { 73,  59,  41}, { 54,  45,  20}}},  // EQ3 0, EQ6 0
            {{{ 75,  53,  50}, { 55,  40,  20}, { 43,  22,  11}}},  // EQ3 0, EQ6 1
            {{{ 75,  58,  40}, { 61,  48,  20}, { 46,  17,   8}}},  // EQ3 1, EQ6 0
            {{{ 55,  45,  21}, { 51,  18,   9}, { 18,   7,   2}}},  // EQ3 1, EQ6 1
            {{{ 53,  24,  14}, { 24,  12,   5}, { 10,   3,   1}}},  // EQ3 2, EQ6 1
        }},
    }},
}};
// clang-format on

// Of a class of an EQ: how many steps deep it is, and the level of its highest-severity vectors (the sum of
// level_of in cvss4.cpp). All those of one class have the same level, so that the distance of a vector does not
// depend on which of them it is measured from.
struct ClassDepth {
    int steps;
    int top_level;
};

inline constexpr std::array<ClassDepth, 3> kEq1{{{1, 0}, {4, 1}, {5, 3}}};
inline constexpr std::array<ClassDepth, 2> kEq2{{{1, 0}, {2, 1}}};
inline constexpr std::array<ClassDepth, kEq3Eq6Count> kEq3Eq6{
    {{7, 0}, {6, 3}, {8, 1}, {8, 3}, {10, 3}}
};
inline constexpr std::array<ClassDepth, 3> kEq4{{{6, 1}, {5, 3}, {4, 6}}};

// Every `steps` divides it.
inline constexpr int kStepsMultiple = 840;

}  // namespace phantom::assess::cvss4
