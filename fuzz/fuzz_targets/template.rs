#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tfadir::fuzz::template(data));
