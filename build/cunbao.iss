; 村报 for Windows 10 and 11: installed for one user, without an administrator; uninstalling leaves the workspaces.
; First `py -3.11 build\dev.py package`, which puts the program into var\dist and what is made into var\pyi; then
; `ISCC build\cunbao.iss` (Inno Setup 6.3 or later) writes var\dist\cunbao-<version>-x64.exe.
; The workspaces lie in %LOCALAPPDATA%\cunbao, the program in %LOCALAPPDATA%\Programs\cunbao: nothing here names the first.

#include "..\var\pyi\types.iss"

[Setup]
AppId={{7B1F3C52-0E6D-4B0B-9C1A-5E0C7A4D9E21}
AppName=村报
AppVersion={#Version}
AppVerName=村报 {#Version}
DefaultDirName={autopf}\cunbao
DefaultGroupName=村报
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0
ChangesAssociations=yes
CloseApplications=yes
RestartApplications=no
SetupIconFile=..\var\pyi\cunbao.ico
UninstallDisplayIcon={app}\cunbao.exe
UninstallDisplayName=村报
OutputDir=..\var\dist
OutputBaseFilename=cunbao-{#Version}-x64
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
ShowLanguageDialog=no

[LangOptions]
LanguageName=简体中文
LanguageID=$0804
LanguageCodePage=936
DialogFontName=Microsoft YaHei UI
WelcomeFontName=Microsoft YaHei UI

[Files]
Source: "..\var\dist\cunbao\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion
Source: "..\var\pyi\icons\*"; DestDir: "{app}\icons"; Flags: ignoreversion

[InstallDelete]
; the libraries of the version before must not stay beside the new ones
Type: filesandordirs; Name: "{app}\_internal"

[Tasks]
Name: "desktop"; Description: "在桌面上放一个图标"

[Icons]
Name: "{group}\村报"; Filename: "{app}\cunbao.exe"
Name: "{autodesktop}\村报"; Filename: "{app}\cunbao.exe"; Tasks: desktop

[Run]
Filename: "{app}\cunbao.exe"; Description: "现在打开村报"; Flags: nowait postinstall skipifsilent

[Messages]
SetupAppTitle=安装
SetupWindowTitle=安装 - %1
UninstallAppTitle=卸载
UninstallAppFullTitle=卸载 - %1
ConfirmTitle=确认
ErrorTitle=出错
ButtonBack=上一步(&B)
ButtonNext=下一步(&N)
ButtonInstall=安装(&I)
ButtonCancel=取消
ButtonFinish=完成(&F)
ButtonYes=是(&Y)
ButtonNo=否(&N)
ButtonBrowse=浏览(&B)
ButtonWizardBrowse=浏览(&R)
WelcomeLabel1=安装 [name]
WelcomeLabel2=将把 [name/ver] 装到您的电脑上，只给您自己用，不需要管理员。%n%n原来填过的资料都不会动。装之前请先关闭村报。
WizardSelectDir=装在哪里
SelectDirDesc=[name] 装在哪个文件夹？
SelectDirLabel3=将装在下面的文件夹里。
SelectDirBrowseLabel=按“下一步”继续；要换文件夹，按“浏览”。
DiskSpaceMBLabel=至少要有 [mb] MB 空间。
WizardSelectTasks=另外做什么
SelectTasksDesc=要不要在桌面上放图标？
SelectTasksLabel2=选好后按“下一步”。
WizardReady=可以安装了
ReadyLabel1=就要把 [name] 装到您的电脑上。
ReadyLabel2a=按“安装”开始；要改，按“上一步”。
ReadyLabel2b=按“安装”开始。
ReadyMemoDir=文件夹：
ReadyMemoTasks=另外：
WizardPreparing=准备安装
PreparingDesc=正在准备安装 [name]。
ApplicationsFound=下面的程序正开着要更新的文件，请先关闭：
CloseApplications=自动关闭(&A)
DontCloseApplications=不关闭(&D)
WizardInstalling=正在安装
InstallingLabel=正在把 [name] 装到您的电脑上，请稍等。
StatusExtractFiles=正在写文件……
StatusCreateIcons=正在放图标……
StatusCreateRegistryEntries=正在登记文件类型……
StatusRunProgram=就要完成……
StatusUninstalling=正在卸载 %1……
FinishedHeadingLabel=[name] 装好了
FinishedLabelNoIcons=[name] 已装到您的电脑上。
FinishedLabel=[name] 已装到您的电脑上，从“开始”里打开。
ClickFinish=按“完成”结束。
ExitSetupTitle=不装了吗
ExitSetupMessage=还没有装完。现在退出，就没有装上，以后可以再装。%n%n退出吗？
ConfirmUninstall=要卸载 %1 吗？您填过的资料都留在原处，重新装上还能打开。
UninstalledAll=%1 已卸载。资料都留在原处。
UninstallStatusLabel=正在卸载 %1，请稍等。
