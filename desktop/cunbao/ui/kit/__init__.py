"""The kit: every component of ui/design.md once, painted from resources/tokens.json. Screens are made of these.

Start: `style.apply(app, scale, contrast)` once, before the first window, and again to change; every widget follows.
Sizes: `look.px(n)` for type, controls and icons (scaled); layouts take plain pixels (spacing does not scale).

| module | widgets and values |
|---|---|
| tokens | `look` (color, hex, px, control, font, line_height, state, severity, tone, narrow), `StateLook` |
| style | `apply`, `Styled` (override `restyle`), `show_if` (never `setVisible` before a part has a parent) |
| fonts, icons | `families`, `cover`; `pixmap`, `paint` |
| initials, paint | `initials`, `matches`; `frame`, `words`, `width`, `field_colors` |
| text | `Text(text, role, tone, bold=, lines=, align=)`; `.set_runs([(text, bold, tone)])`, `.set_tone` |
| panel | `column`, `row` (layouts), `Panel`, `Card`, `SideCard` (side panel), `Line`, `Icon`, `scrolled` |
| buttons | `Button(kind=filled/outlined/quiet/danger/danger_quiet, size=, icon=, key=)`, `IconButton` |
| | `Keys`, `Segmented` |
| marks | `Chip.state/.severity`, `StateWord`, `Number`, `Logo`, `Bar` |
| fields | `FieldBox`, `CodeField`, `MaskedField`, `PasswordField`, `TextArea`, `Check`, `FieldRow`, `Message` |
| picker | `Item(code, label, usual)`, `Picker` (opened by CodeField and AreaTable) |
| dates | `DateField` (YYYY-MM-DD typed, month sheet with F4) |
| table | `Column`, `CellShow`, `Note`, `TableRow`, `Table` |
| roster, area | `RosterTable` (opened, pressed), `AreaTable` (committed, beyond; `.edit(row, key)`) |
| roweditor | `RowEditor` (people at left, fields in three columns) |
| lists | `Entry`, `SectionList`, `PeopleList`, `CountList` |
| cards, ways | `FindingCard`, `IndicatorCard`, `Facts`; `NextCard`, `ActionCard` |
| steps, banner | `StepBar`, `Banner`, `EmptyState` |
| dialog | `DialogBox`, `Dialog(window, box).ask()`, `Choice`, `error_box` |
| progress | `Waiting`, `ProgressCard`, `BusyLine` |
| pdfview | `PdfViewer.show_pdf(bytes)` |
| frame | `Nav`, `NavItem`, `Header`, `PageHead`, `FootRow`, `StatusBar` |
| gallery | every component in all states: `python -m cunbao.ui.kit.gallery [--shot FILE] [--scale 1.5] [--contrast]` |

Nothing is imported here, so that the first window loads only what it shows.
"""
