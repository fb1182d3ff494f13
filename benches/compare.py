"""Svodka beside DuckDB: ingest, pages, reports. Prints medians and ratios; judges nothing.

Both sides read the same exports and the same Parquet files. Runs are interleaved (A, B, A, B …), so
that a slow moment of the machine hits both.
"""

import argparse
import glob
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from urllib.parse import urlencode

import duckdb

ROUNDS = 9


def megabytes(size):
    return f"{size / 1e6:.1f} MB"


def directory_bytes(path):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(path) for f in fs)


def bench_ingest(args):
    """One command over all exports; DuckDB turns the same facts into sorted Parquet."""
    lake = os.path.join(args.work, "lake")
    facts = sorted(
        path
        for path in glob.glob(os.path.join(args.exports, "**", "*.csv"), recursive=True)
        if "/truth/" not in path and "Обучающийся;Отметка" in open(path, encoding="utf-8-sig", errors="replace").read(2000)
    )
    if not facts:
        sys.exit("no long attendance files found: was the sample written with --bulk?")
    size = sum(map(os.path.getsize, facts))
    print(f"facts: {len(facts)} files, {size / 1e9:.2f} GB")

    if args.fresh or not os.path.exists(os.path.join(lake, "ingested.json")):
        shutil.rmtree(lake, ignore_errors=True)
        started = time.perf_counter()
        out = subprocess.run(
            [args.svodka, "ingest", "--data", lake, "--format", "json", os.path.join(args.exports, "exports")
             if os.path.isdir(os.path.join(args.exports, "exports")) else args.exports],
            stdout=subprocess.PIPE, check=False)
        seconds = time.perf_counter() - started
        document = json.loads(out.stdout)
        rows = sum(item["rows"].get("attendance", 0) for item in document["imports"])
        with open(os.path.join(lake, "ingested.json"), "w") as file:
            json.dump({"seconds": seconds, "rows": rows}, file)
    measured = json.load(open(os.path.join(lake, "ingested.json")))
    ours = measured["rows"] / measured["seconds"]
    print(f"svodka ingest: {measured['rows']:,} attendance rows in {measured['seconds']:.1f} s = {ours / 1e6:.2f} M rows/s "
          "(findings, provenance, roll-ups, commits and merging included)")

    # DuckDB on a tenth of the files, one after another as Svodka does, sorted as the lake is.
    part = facts[:: max(1, len(facts) // 10)]
    target = os.path.join(args.work, "duckdb.parquet")
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    started = time.perf_counter()
    rows = 0
    for path in part:
        skip = 1 if open(path, encoding="utf-8-sig").readline().startswith("#") else 0
        connection.execute(
            f"""copy (select * from read_csv('{path}', delim=';', header=true, skip={skip}, all_varchar=true)
                 order by "Группа", "Обучающийся", strptime("Дата", '%d.%m.%Y'), "Урок")
                to '{target}' (format parquet, compression zstd)""")
        rows += connection.execute(f"select count(*) from '{target}'").fetchone()[0]
    seconds = time.perf_counter() - started
    os.remove(target)
    theirs = rows / seconds
    print(f"duckdb CSV to sorted Parquet: {rows:,} rows in {seconds:.1f} s = {theirs / 1e6:.2f} M rows/s")
    print(f"ratio svodka/duckdb: {ours / theirs:.2f}")

    files = json.loads(subprocess.run([args.svodka, "lake", "files", "--data", lake, "--format", "json"],
                                      stdout=subprocess.PIPE, check=True).stdout)
    attendance = [file for file in files["files"] if file["table"] == "attendance"]
    per_row = sum(file["bytes"] for file in attendance) / max(1, sum(file["rows"] for file in attendance))
    print(f"attendance on disk: {len(attendance)} files, {per_row:.3f} bytes a row; "
          f"whole lake {megabytes(directory_bytes(lake))}")
    return lake, files["files"]


class Server:
    def __init__(self, args, lake):
        environment = dict(os.environ, SVODKA_PAGE_CACHE_MB=str(args.page_cache_mb))
        self.process = subprocess.Popen(
            [args.svodka, "serve", "--data", lake, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True, env=environment)
        self.port = None
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        if self.port is None:
            sys.exit("the server did not print its address")
        threading.Thread(target=lambda: [None for _ in self.process.stdout], daemon=True).start()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def get(self, path, parameters=None, headers=None):
        query = urlencode(parameters or {})
        started = time.perf_counter()
        self.connection.request("GET", f"{path}?{query}" if query else path, headers=headers or {})
        answer = self.connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - started
        if answer.status not in (200, 304):
            sys.exit(f"{path}?{query}: {answer.status} {body[:300]!r}")
        return seconds, body, answer

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def views(connection, lake, files):
    """The lake's live files as DuckDB views: the same Parquet."""
    tables = {}
    for file in files:
        tables.setdefault(file["table"], []).append(os.path.join(lake, file["path"]))
    for table, paths in tables.items():
        listed = ", ".join(f"'{path}'" for path in paths)
        connection.execute(f"create view {table} as select * from read_parquet([{listed}])")


SUMS = """count(*) expected, count(*) filter (status = 'present') present, count(*) filter (status = 'absent') absent,
          count(*) filter (status = 'late') late, count(*) filter (status = 'exempt') exempt,
          count(*) filter (status = 'unrecorded') unrecorded"""


def questions(org, group, teacher, first, last):
    span = f"held_on between date '{first}' and date '{last}'"
    everywhere = {"from": first, "to": last}
    return [
        # name, report, parameters, DuckDB over lesson rows, all institutions or selective
        ("attendance by institution", "attendance_by_organisation", everywhere,
         f"select org_id, {SUMS} from attendance where {span} group by org_id order by org_id", "all"),
        ("attendance by week", "attendance_by_week", {"to": last},
         f"select date_trunc('week', held_on) w, {SUMS} from attendance where {span} group by w order by w", "all"),
        ("attendance in one sentence", "attendance_summary", everywhere,
         f"select {SUMS} from attendance where {span}", "all"),
        ("groups of one institution", "attendance_by_group", dict(everywhere, org=org),
         f"select group_id, {SUMS} from attendance where org_id = {org} and {span} group by group_id order by group_id", "selective"),
        ("lessons of one group", "lessons_of_group", dict(everywhere, org=org, group=group),
         f"""select l.lesson_id, l.held_on, l.topic, {SUMS} from (select lesson_id, group_id, held_on, topic from lesson) l join attendance a using (lesson_id)
             where l.group_id = {group} and a.group_id = {group} and l.{span} group by all order by l.held_on, l.lesson_id""", "selective"),
        ("pupils of one group", "attendance_by_pupil", dict(everywhere, org=org, group=group),
         f"select pupil_id, {SUMS} from attendance where group_id = {group} and {span} group by pupil_id order by pupil_id", "selective"),
        ("teachers of one institution", "hours_by_teacher", dict(everywhere, org=org),
         f"""select coalesce(l.taught_by_id, c.main_teacher_id) t, sum(hours) from lesson l join course c using (course_id)
             where l.org_id = {org} and l.{span} group by t order by t""", "selective"),
    ]


def bench_reports(args, lake, files):
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    views(connection, lake, files)
    org, group = connection.execute("select org_id, group_id from study_group order by group_id limit 1 offset 7").fetchone()
    teacher = connection.execute(f"select main_teacher_id from course where org_id = {org} limit 1").fetchone()[0]
    first, last = connection.execute("select min(held_on)::varchar, max(held_on)::varchar from organisation_day").fetchone()
    server = Server(args, lake)
    print(f"\nreports over HTTP (JSON) beside DuckDB over lesson rows, {first} to {last}, median of {ROUNDS}")
    print(f"{'question':34} {'svodka ms':>10} {'duckdb ms':>10} {'duckdb/svodka':>14}")
    for name, report, parameters, sql, _ in questions(org, group, teacher, first, last):
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(server.get(f"/api/v1/reports/{report}", dict(parameters, format="json"))[0])
            started = time.perf_counter()
            connection.execute(sql).fetchall()
            theirs.append(time.perf_counter() - started)
        a, b = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
        print(f"{name:34} {a:10.1f} {b:10.1f} {b / a:14.1f}")

    print("\npages with own caches empty, and again with the browser's tag (ETag), median ms")
    lesson = connection.execute(f"select min(lesson_id) from lesson where group_id = {group}").fetchone()[0]
    course = connection.execute(f"select min(course_id) from course where group_id = {group}").fetchone()[0]
    span = {"from": first, "to": last}
    pages = [
        ("/", {}),
        ("/dashboards/attendance", span),
        ("/dashboards/attendance_institution", dict(span, org=org)),
        ("/dashboards/attendance_group", dict(span, org=org, group=group)),
        ("/dashboards/lesson", dict(org=org, group=group, lesson=lesson)),
        ("/dashboards/hours", span),
        ("/dashboards/hours_institution", dict(span, org=org)),
        ("/dashboards/hours_teacher", dict(span, org=org, teacher=teacher)),
        ("/dashboards/completion", span),
        ("/dashboards/completion_institution", dict(span, org=org)),
        ("/dashboards/completion_course", dict(span, org=org, course=course)),
    ]
    for path, parameters in pages:
        cold, warm = [], []
        for _ in range(ROUNDS):
            seconds, _, answer = server.get(path, parameters)
            cold.append(seconds)
            tag = answer.getheader("ETag")
            if tag:
                seconds, _, again = server.get(path, parameters, {"If-None-Match": tag})
                warm.append(seconds)
        tagged = f"{statistics.median(warm) * 1e3:8.2f}" if warm else "       –"
        print(f"{path:44} cold p50 {statistics.median(cold) * 1e3:7.1f}   max {max(cold) * 1e3:7.1f}   with ETag {tagged}")
    print(f"\nserver after these requests: {server.resident_mb():.0f} MB resident")
    server.stop()
    server = Server(args, lake)
    server.get("/")
    time.sleep(2)
    print(f"server at rest after one page: {server.resident_mb():.0f} MB resident")
    server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--svodka", required=True)
    parser.add_argument("--exports", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--fresh", action="store_true", help="ingest again even if the lake is there")
    parser.add_argument("--page-cache-mb", type=int, default=0)
    args = parser.parse_args()
    print(f"cores: {os.cpu_count()}, duckdb {duckdb.__version__}")
    lake, files = bench_ingest(args)
    bench_reports(args, lake, files)


if __name__ == "__main__":
    main()
