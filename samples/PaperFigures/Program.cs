using PaperFigures;

return Commands.NewRoot().Parse(args).Invoke();
