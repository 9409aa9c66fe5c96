"""Hold every calculated cell of the sample against JavaRosa, the engine of ODK Collect: `odk_javarosa.py`.

The forms are exported for each sample village with the files beside them, the answers that are typed go in as a
submission, JavaRosa works out the rest, and each figure must be ours. JavaRosa comes with pyxform (ODK Validate); a JDK
(`java`, `javac`) must be there. Exit code 1 when a cell differs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyxform
from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cunbao.desks import odk
from cunbao.desks.village.practice import TASK
from cunbao.survey import sample
from cunbao.survey.form import Form
from cunbao.survey.resources import forms_path
from cunbao.survey.submission import submission_xml, without
from cunbao.survey.values import EMPTY, Answers
from world.villages import Village, a_village, sources

JAR = Path(pyxform.__file__).parent / "validators/odk_validate/bin/ODK_Validate.jar"
JAVA = """
import java.io.*; import java.nio.file.*;
import org.javarosa.core.model.*; import org.javarosa.core.model.instance.*; import org.javarosa.core.reference.*;
import org.javarosa.core.services.PrototypeManager; import org.javarosa.model.xform.*;
import org.javarosa.xform.parse.XFormParser; import org.javarosa.xform.util.XFormUtils;
public class Run {
  static File media;
  record Beside(File f) implements Reference {
    public boolean doesBinaryExist() { return f.exists(); }
    public InputStream getStream() throws IOException { return new FileInputStream(f); }
    public String getURI() { return f.getPath(); }
    public String getLocalURI() { return f.getPath(); }
    public boolean isReadOnly() { return true; }
    public OutputStream getOutputStream() { return null; }
    public void remove() { }
    public Reference[] probeAlternativeReferences() { return new Reference[0]; }
  }
  public static void main(String[] a) throws Exception {  // form, media, answers, result; again and again
    PrototypeManager.registerPrototypes(CoreModelModule.classNames);
    new XFormsModule().registerModule();
    ReferenceManager.instance().addReferenceFactory(new PrefixedRootFactory(new String[] {"file/", "file-csv/"}) {
      protected Reference factory(String name, String uri) { return new Beside(new File(media, name)); }
    });
    for (int i = 0; i < a.length; i += 4) {
      media = new File(a[i + 1]);
      FormDef form = XFormUtils.getFormFromInputStream(new FileInputStream(a[i]));
      TreeElement said = XFormParser.restoreDataModel(Files.readAllBytes(Path.of(a[i + 2])), null).getRoot();
      TreeElement root = form.getInstance().getRoot().deepCopy(true);
      root.populate(said, form);
      form.getInstance().setRoot(root);
      form.initialize(false, new InstanceInitializationFactory());
      Files.write(Path.of(a[i + 3]), new XFormSerializingVisitor().serializeInstance(form.getInstance()));
    }
  }
}
"""


def main() -> int:
    if not shutil.which("javac"):
        print("要有 JDK（java、javac）才能和 JavaRosa 对照", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        (top / "Run.java").write_text(JAVA, encoding="utf-8")
        subprocess.run(["javac", "-nowarn", "-cp", JAR, "Run.java"], cwd=top, check=True, capture_output=True)
        wanted: dict[Path, tuple[Form, Answers]] = {}
        words: list[str] = []
        for office in (*sample.SAMPLE_OFFICES, *sample.SAMPLE_TOWNSHIPS):
            village, folder = a_village(office.code), top / office.code
            for form, given, out in _laid_out(village, folder):
                forms = folder / "forms"
                words += [str(forms / f"{form}.xml"), str(forms / f"{form}-media"), str(given), str(out)]
                wanted[out] = village.task.forms[form], village.instances[form].answers(signed=True)
        subprocess.run(["java", "-cp", f"{JAR}:{top}", "Run", *words], check=True, capture_output=True)
        cells = [one for out, (form, ours) in wanted.items() for one in _compared(form, ours, out)]
    differs = [one for one in cells if not _same(one[1], one[2])]
    print(f"{len(wanted)} forms, {len(cells)} calculated cells, {len(cells) - len(differs)} equal")
    for one in differs:
        print(*one, sep="\t")
    return 1 if differs else 0


def _laid_out(village: Village, place: Path) -> Iterator[tuple[str, Path, Path]]:
    """The forms with their files, and for each what is typed as a submission."""
    held = sources(village.task, village.office, village.instances)
    reads = {name: {**held, "last": village.last.get(name, EMPTY)} for name in village.task.forms}
    filling = odk.Filling(village.office.code, village.office.short, village.task.period, reads)
    odk.export_forms(forms_path(TASK), place / "forms", forms=list(reads), filling=filling)
    for name, form in village.task.forms.items():
        worked_out = frozenset(key for key, one in form.by_name.items() if one.calculated)
        said = without(village.instances[name].answers(signed=True), worked_out)
        given = place / f"{name}.xml"
        given.write_bytes(submission_xml(form, said, version=form.version, instance_id="uuid:1", name=name))
        yield name, given, place / f"{name}.out.xml"


def _compared(form: Form, ours: Answers, out: Path) -> Iterator[tuple[str, str, str]]:
    name, root = form.id, etree.parse(str(out)).getroot()
    for one in form.fields:
        if one.calculated:
            yield f"{name}/{one.name}", ours.values.get(one.name, ""), root.findtext(f".//{one.name}") or ""
    for repeat in form.repeats:
        for row, theirs in zip(ours.rows.get(repeat.name, ()), root.findall(f".//{repeat.name}"), strict=True):
            for one in (column for column in repeat.fields if column.calculated):
                yield f"{name}/{one.name}", row.values.get(one.name, ""), theirs.findtext(one.name) or ""


def _same(here: str, there: str) -> bool:
    try:
        return here == there or abs(float(here) - float(there)) < 1e-9
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(main())
