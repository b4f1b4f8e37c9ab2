// What a native executable of .NET costs before it does anything: the bench measures kvol's start against it.
return 0;
