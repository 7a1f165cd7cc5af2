# The page (web/) inside the program: pm::page defines embedded_assets() of src/api/assets.h.
#   PM_UI=AUTO  (default) built where npm is there, in what ships; a page that cannot be built is left out
#   PM_UI=ON    it has to be there
#   PM_UI=OFF   the node goes without

enable_language(ASM)  # .incbin
set(PM_UI AUTO CACHE STRING "The page of the node: ON, OFF, or AUTO (where npm is there)")
set_property(CACHE PM_UI PROPERTY STRINGS AUTO ON OFF)

function(_pm_why_no_page out)
  set(${out} "" PARENT_SCOPE)
  if(NOT PM_UI)
    set(${out} "PM_UI is OFF" PARENT_SCOPE)
    return()
  endif()
  if(PM_UI STREQUAL "AUTO" AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    set(${out} "this is not what ships" PARENT_SCOPE)
    return()
  endif()
  find_program(PM_NODE node)
  find_program(PM_NPM npm)
  if(NOT PM_NODE OR NOT PM_NPM)
    set(${out} "npm is not installed" PARENT_SCOPE)
    return()
  endif()
  execute_process(COMMAND "${PM_NODE}" --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(REPLACE "v" "" version "${version}")
  if(version VERSION_LESS 18)
    set(${out} "Node ${version} is older than 18" PARENT_SCOPE)
  endif()
endfunction()

function(pm_page)
  _pm_why_no_page(why_not)
  if(why_not STREQUAL "")
    set(out "${CMAKE_BINARY_DIR}/page")
    set(optional "")
    if(PM_UI STREQUAL "AUTO")
      set(optional --optional)
    endif()
    file(GLOB_RECURSE inputs CONFIGURE_DEPENDS
      "${CMAKE_SOURCE_DIR}/web/src/*" "${CMAKE_SOURCE_DIR}/web/tools/*.mjs"
      "${CMAKE_SOURCE_DIR}/src/daemon/api_*_shapes.cpp")
    # Made from the shapes, by the build itself; and what does not end up in the page.
    list(FILTER inputs EXCLUDE REGEX "/api/shapes\\.ts$|\\.test\\.")
    add_custom_command(
      OUTPUT "${out}/page.S" "${out}/page.cpp"
      COMMAND "${CMAKE_SOURCE_DIR}/web/build" "${out}" ${optional}
      DEPENDS ${inputs} "${CMAKE_SOURCE_DIR}/web/index.html" "${CMAKE_SOURCE_DIR}/web/vite.config.mjs"
        "${CMAKE_SOURCE_DIR}/web/package-lock.json" "${CMAKE_SOURCE_DIR}/web/build"
        "${CMAKE_SOURCE_DIR}/web/tools/no_page.cpp"
      COMMENT "Building the page" VERBATIM)
    add_library(pm_page STATIC "${out}/page.cpp" "${out}/page.S")
    if(PM_TESTS)
      add_test(NAME web COMMAND "${CMAKE_SOURCE_DIR}/web/check" tests --reporter=tap-flat)
      set_tests_properties(web PROPERTIES LABELS unit TIMEOUT 600)
    endif()
  elseif(PM_UI STREQUAL "ON")
    message(FATAL_ERROR "PM_UI is ON, and ${why_not}")
  else()
    message(STATUS "No page in the node: ${why_not}")
    add_library(pm_page STATIC "${CMAKE_SOURCE_DIR}/web/tools/no_page.cpp")
  endif()
  target_include_directories(pm_page PRIVATE "${CMAKE_SOURCE_DIR}/src")
  set_target_properties(pm_page PROPERTIES UNITY_BUILD OFF INTERPROCEDURAL_OPTIMIZATION OFF)
  add_library(pm::page ALIAS pm_page)
endfunction()
